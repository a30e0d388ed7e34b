// SPDX-License-Identifier: Apache-2.0
/*
 * Sets of prefixes and ports. What overlaps or touches is made one interval
 * first: the kernel wants them apart, and fewer are found sooner.
 */
#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libnftnl/set.h>

#include "common/fd.h"
#include "sandboxd/net/nft_family.h"

/* nft's numbers for the types of set keys, for its listings only. */
#define TYPE_IPV4_ADDRESS 7
#define TYPE_IPV6_ADDRESS 8
#define TYPE_PROTOCOL	  12
#define TYPE_PORT	  13

#define KEY_SIZE_MAX 16

/* So that a message stays small; two make an interval. */
#define ELEMENTS_A_MESSAGE 64

/* Big-endian, of the set's key size; the rest is zero. */
struct interval {
	unsigned char first[KEY_SIZE_MAX], last[KEY_SIZE_MAX];
};

struct set {
	struct nft *nft;
	char name[NFT_SET_NAME_SIZE];
	uint32_t id, type, key_size;
	struct nftnl_set *chunk; /* elements not yet in the transaction */
	unsigned n_chunk;
};

static int
compare_intervals(const void *a, const void *b)
{
	return memcmp(((const struct interval *)a)->first,
	    ((const struct interval *)b)->first, KEY_SIZE_MAX);
}

/* The key after this one; false where that was the last of all. */
static bool
increment(unsigned char *key, size_t size)
{
	size_t i = size;

	while (i > 0 && ++key[i - 1] == 0)
		i--;
	return i > 0;
}

/* Whether the interval begins within the other or right after it. */
static bool
continues(const struct interval *one, const struct interval *next,
    size_t size)
{
	unsigned char after[KEY_SIZE_MAX];

	memcpy(after, one->last, sizeof after);
	return !increment(after, size) ||
	    memcmp(next->first, after, KEY_SIZE_MAX) <= 0;
}

/* Sorts, and makes one of those that touch; returns how many are left. */
static size_t
merge(struct interval *intervals, size_t n, size_t size)
{
	size_t kept = 0;

	if (n == 0)
		return 0;
	qsort(intervals, n, sizeof *intervals, compare_intervals);
	for (size_t i = 1; i < n; i++) {
		struct interval *one = &intervals[kept];

		if (!continues(one, &intervals[i], size))
			intervals[++kept] = intervals[i];
		else if (memcmp(intervals[i].last, one->last,
		    KEY_SIZE_MAX) > 0)
			memcpy(one->last, intervals[i].last, KEY_SIZE_MAX);
	}
	return kept + 1;
}

/* An object that names the set, or NULL. */
static struct nftnl_set *
name_set(const struct set *set)
{
	struct nftnl_set *object = nftnl_set_alloc();

	if (!object ||
	    nftnl_set_set_str(object, NFTNL_SET_TABLE, set->nft->table) < 0 ||
	    nftnl_set_set_str(object, NFTNL_SET_NAME, set->name) < 0) {
		nft_fail(set->nft, ENOMEM);
		if (object)
			nftnl_set_free(object);
		return NULL;
	}
	nftnl_set_set_u32(object, NFTNL_SET_ID, set->id);
	return object;
}

/* Of at most max elements; 0: as many as there will be. */
static void
begin_set(struct set *set, uint32_t flags, size_t max)
{
	struct nftnl_set *object;

	set->id = (uint32_t)set->nft->netlink.n_messages;
	object = name_set(set);
	if (!object)
		return;
	nftnl_set_set_u32(object, NFTNL_SET_FLAGS, flags);
	if (max > 0)
		nftnl_set_set_u32(object, NFTNL_SET_DESC_SIZE, (uint32_t)max);
	nftnl_set_set_u32(object, NFTNL_SET_KEY_TYPE, set->type);
	nftnl_set_set_u32(object, NFTNL_SET_KEY_LEN, set->key_size);
	nftnl_set_nlmsg_build_payload(nft_add(set->nft, "cannot make a set",
					  NFT_MSG_NEWSET, NLM_F_CREATE),
	    object);
	nftnl_set_free(object);
}

static void
finish_chunk(struct set *set)
{
	if (!set->chunk)
		return;
	nftnl_set_elems_nlmsg_build_payload(
	    nft_add(set->nft, "cannot fill a set", NFT_MSG_NEWSETELEM,
		NLM_F_CREATE),
	    set->chunk);
	nftnl_set_free(set->chunk);
	set->chunk = NULL;
	set->n_chunk = 0;
}

static void
add_element(struct set *set, const unsigned char *key, uint32_t flags)
{
	struct nftnl_set_elem *element;

	if (!set->chunk && !(set->chunk = name_set(set)))
		return;
	element = nftnl_set_elem_alloc();
	if (!element || nftnl_set_elem_set(element, NFTNL_SET_ELEM_KEY, key,
			    set->key_size) < 0) {
		nft_fail(set->nft, ENOMEM);
		if (element)
			nftnl_set_elem_free(element);
		return;
	}
	if (flags != 0)
		nftnl_set_elem_set_u32(element, NFTNL_SET_ELEM_FLAGS, flags);
	nftnl_set_elem_add(set->chunk, element);
	set->n_chunk++;
}

/* An interval is its first key, and, as a mark of the end, the one after its
 * last; there is none after the last of all. */
static void
fill_set(struct set *set, struct interval *intervals, size_t n)
{
	n = merge(intervals, n, set->key_size);
	for (size_t i = 0; i < n; i++) {
		add_element(set, intervals[i].first, 0);
		if (increment(intervals[i].last, set->key_size))
			add_element(set, intervals[i].last,
			    NFT_SET_ELEM_INTERVAL_END);
		if (set->n_chunk >= ELEMENTS_A_MESSAGE)
			finish_chunk(set);
	}
	finish_chunk(set);
}

static struct interval
interval_of(const struct prefix *prefix, size_t size)
{
	struct interval interval = {0};

	memcpy(interval.first, prefix->address, size);
	for (unsigned bit = prefix->length; bit < size * 8; bit++)
		interval.first[bit / 8] &=
		    (unsigned char)~(0x80 >> bit % 8);
	memcpy(interval.last, interval.first, size);
	for (unsigned bit = prefix->length; bit < size * 8; bit++)
		interval.last[bit / 8] |= (unsigned char)(0x80 >> bit % 8);
	return interval;
}

static struct nft *
home_of(struct nft *nft)
{
	return nft->sets != NULL ? nft->sets : nft;
}

static void
add_prefixes(struct nft *nft, const char *name, sa_family_t family,
    const struct prefix *prefixes, size_t n)
{
	const bool is_ipv4 = family == AF_INET;
	struct set set = {.nft = home_of(nft),
	    .type = is_ipv4 ? TYPE_IPV4_ADDRESS : TYPE_IPV6_ADDRESS,
	    .key_size = is_ipv4 ? 4 : 16};
	auto_free struct interval *intervals = NULL;
	char of_family[NFT_SET_NAME_SIZE];
	size_t n_intervals = 0;

	nft_family_name(name, family, of_family);
	nft_range_name(nft, of_family, set.name);
	begin_set(&set, NFT_SET_INTERVAL, 0);
	intervals = calloc(n + 1, sizeof *intervals);
	if (!intervals) {
		nft_fail(nft, ENOMEM);
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (prefixes[i].family == family)
			intervals[n_intervals++] =
			    interval_of(&prefixes[i], set.key_size);
	fill_set(&set, intervals, n_intervals);
}

void
nft_sets(struct nft *nft, const char *name, const struct prefix *prefixes,
    size_t n)
{
	add_prefixes(nft, name, AF_INET, prefixes, n);
	add_prefixes(nft, name, AF_INET6, prefixes, n);
}

void
nft_ports_set(struct nft *nft, const char *name,
    const struct nft_ports *ports, size_t n)
{
	struct set set = {.nft = home_of(nft), .type = TYPE_PORT,
	    .key_size = sizeof(uint16_t)};
	auto_free struct interval *intervals =
	    calloc(n + 1, sizeof *intervals);

	nft_range_name(nft, name, set.name);
	begin_set(&set, NFT_SET_INTERVAL, 0);
	if (!intervals) {
		nft_fail(nft, ENOMEM);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const uint16_t first = htons(ports[i].first);
		const uint16_t last = htons(ports[i].last);

		memcpy(intervals[i].first, &first, sizeof first);
		memcpy(intervals[i].last, &last, sizeof last);
	}
	fill_set(&set, intervals, n);
}

void
nft_protocols_set(struct nft *nft, const char *name, const uint8_t *protocols,
    size_t n)
{
	struct set set = {.nft = nft, .type = TYPE_PROTOCOL,
	    .key_size = sizeof *protocols};

	(void)snprintf(set.name, sizeof set.name, "%s", name);
	begin_set(&set, 0, n);
	for (size_t i = 0; i < n; i++)
		add_element(&set, &protocols[i], 0);
	finish_chunk(&set);
}
