// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/nft_timed.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libnftnl/set.h>

#include "common/fd.h"
#include "sandboxd/net/nft_of.h"

/* nft's numbers for the types of set keys, for its listings only. */
#define TYPE_IPV4_ADDRESS 7
#define TYPE_IPV6_ADDRESS 8

#define ANSWER_SIZE (32 * 1024)

static uint32_t
key_size(sa_family_t family)
{
	return family == AF_INET ? 4 : 16;
}

/* An object that names the set of a family, or NULL. */
static struct nftnl_set *
name_set(const char *table, const char *name, sa_family_t family)
{
	struct nftnl_set *set = nftnl_set_alloc();
	char full[NFT_SET_NAME_SIZE];

	(void)snprintf(full, sizeof full, "%s%c", name,
	    family == AF_INET ? '4' : '6');
	if (set && (nftnl_set_set_str(set, NFTNL_SET_TABLE, table) < 0 ||
	    nftnl_set_set_str(set, NFTNL_SET_NAME, full) < 0)) {
		nftnl_set_free(set);
		return NULL;
	}
	return set;
}

static void
make_set(struct nft *nft, const char *name, sa_family_t family, uint32_t size)
{
	struct nftnl_set *set = name_set(nft->table, name, family);

	if (!set) {
		nft_fail(nft, ENOMEM);
		return;
	}
	/* Rules of the same transaction find it by its name; the number has
	 * only to be one that no other set of it has. */
	nftnl_set_set_u32(set, NFTNL_SET_ID,
	    (uint32_t)nft->netlink.n_messages);
	nftnl_set_set_u32(set, NFTNL_SET_FLAGS, NFT_SET_TIMEOUT);
	nftnl_set_set_u32(set, NFTNL_SET_KEY_TYPE,
	    family == AF_INET ? TYPE_IPV4_ADDRESS : TYPE_IPV6_ADDRESS);
	nftnl_set_set_u32(set, NFTNL_SET_KEY_LEN, key_size(family));
	nftnl_set_set_u32(set, NFTNL_SET_DESC_SIZE, size);
	nftnl_set_nlmsg_build_payload(nft_add(nft, "cannot make a set",
	    NFT_MSG_NEWSET, NLM_F_CREATE), set);
	nftnl_set_free(set);
}

void
nft_timed_sets(struct nft *nft, const char *name, uint32_t size)
{
	make_set(nft, name, AF_INET, size);
	make_set(nft, name, AF_INET6, size);
}

/* A message about one element; for ttl_ms where that is not 0. */
static void
say(struct nft *nft, const char *name, sa_family_t family,
    const void *address, uint64_t ttl_ms, uint16_t type, uint16_t flags)
{
	struct nftnl_set *set = name_set(nft->table, name, family);
	struct nftnl_set_elem *element = nftnl_set_elem_alloc();

	if (set && element && nftnl_set_elem_set(element, NFTNL_SET_ELEM_KEY,
	    address, key_size(family)) == 0) {
		if (ttl_ms != 0)
			nftnl_set_elem_set_u64(element,
			    NFTNL_SET_ELEM_TIMEOUT, ttl_ms);
		nftnl_set_elem_add(set, element);
		nftnl_set_elems_nlmsg_build_payload(nft_add(nft,
		    "cannot let an address in", type, flags), set);
		element = NULL;
	} else {
		nft_fail(nft, ENOMEM);
	}
	if (element)
		nftnl_set_elem_free(element);
	if (set)
		nftnl_set_free(set);
}

void
nft_timed_add(struct nft *nft, const char *name, sa_family_t family,
    const void *address, uint64_t ttl_ms)
{
	/* One that is there keeps its time (before Linux 6.12), so it goes
	 * first; and it is made before, so that there is one to go. */
	say(nft, name, family, address, ttl_ms, NFT_MSG_NEWSETELEM,
	    NLM_F_CREATE);
	say(nft, name, family, address, 0, NFT_MSG_DELSETELEM, 0);
	say(nft, name, family, address, ttl_ms, NFT_MSG_NEWSETELEM,
	    NLM_F_CREATE | NLM_F_ACK);
}

void
nft_timed_put(struct nft *nft, const char *name, sa_family_t family,
    const void *address, uint64_t ttl_ms)
{
	say(nft, name, family, address, ttl_ms, NFT_MSG_NEWSETELEM,
	    NLM_F_CREATE);
}

struct listing {
	sa_family_t family;
	struct nft_timed *ret;
	size_t max, n;
};

static int
take_element(struct nftnl_set_elem *element, void *data)
{
	struct listing *listing = data;
	struct nft_timed *one = &listing->ret[listing->n];
	const void *key;
	uint32_t size;

	key = nftnl_set_elem_get(element, NFTNL_SET_ELEM_KEY, &size);
	if (listing->n == listing->max || !key ||
	    size != key_size(listing->family) ||
	    !nftnl_set_elem_is_set(element, NFTNL_SET_ELEM_EXPIRATION))
		return 0;
	memset(one, 0, sizeof *one);
	memcpy(one->address, key, size);
	one->left_ms = nftnl_set_elem_get_u64(element,
	    NFTNL_SET_ELEM_EXPIRATION);
	listing->n += one->left_ms > 0;
	return 0;
}

static int
take_message(const struct nlmsghdr *message, void *data)
{
	struct nftnl_set *set = nftnl_set_alloc();

	if (!set)
		return MNL_CB_ERROR;
	if (nftnl_set_elems_nlmsg_parse(message, set) == 0)
		(void)nftnl_set_elem_foreach(set, take_element, data);
	nftnl_set_free(set);
	return MNL_CB_OK;
}

static int
read_dump(struct netlink *netlink, struct listing *listing, struct err *err)
{
	auto_free char *buffer = malloc(ANSWER_SIZE);
	int r;

	if (!buffer)
		return err_set(err, ENOMEM, "no memory for a set");
	do {
		ssize_t n = mnl_socket_recvfrom(netlink->socket, buffer,
		    ANSWER_SIZE);

		if (n < 0 && errno == EINTR) {
			r = MNL_CB_OK;
			continue;
		}
		r = n < 0 ? -1 : mnl_cb_run(buffer, (size_t)n, 0, 0,
		    take_message, listing);
		if (r < 0 && errno == ENOENT)
			return 0;
		if (r < 0)
			return err_errno(err, "cannot list a set");
	} while (r > 0);
	return 0;
}

int
nft_timed_list(const char *table, const char *name, sa_family_t family,
    struct nft_timed *ret, size_t max, size_t *ret_n, struct err *err)
{
	struct nft nft = {.table = table};
	struct listing listing = {family, ret, max, 0};
	struct nftnl_set *set = name_set(table, name, family);
	int r = netlink_open(NETLINK_NETFILTER, &nft.netlink, err);

	if (r == 0 && !set)
		r = err_set(err, ENOMEM, "no memory for a set");
	if (r == 0) {
		nftnl_set_elems_nlmsg_build_payload(nft_add(&nft,
		    "cannot list a set", NFT_MSG_GETSETELEM, NLM_F_DUMP),
		    set);
		r = netlink_commit(&nft.netlink, err);
	}
	if (r == 0)
		r = read_dump(&nft.netlink, &listing, err);
	if (set)
		nftnl_set_free(set);
	nft_close(&nft);
	*ret_n = listing.n;
	return r;
}

/* 1, 0 or -errno; the answer holds no more than what was asked for. */
static int
find_in_one(struct nft *nft, const char *name, sa_family_t family,
    const void *address, struct err *err)
{
	struct err now = {0};
	int r;

	say(nft, name, family, address, 0, NFT_MSG_GETSETELEM, NLM_F_ACK);
	if (nft->error != 0)
		return err_set(err, nft->error, "cannot look into a set");
	r = netlink_commit(&nft->netlink, &now);
	if (r == -ENOENT)
		return 0;
	return r < 0 ? err_set(err, -r, "%s", now.text) : 1;
}

int
nft_timed_find(const char *table, const char *const *names, size_t n,
    sa_family_t family, const void *address, bool *ret, struct err *err)
{
	struct nft nft = {.table = table};
	int r = netlink_open(NETLINK_NETFILTER, &nft.netlink, err);

	for (size_t i = 0; r >= 0 && i < n; i++) {
		r = find_in_one(&nft, names[i], family, address, err);
		ret[i] = r > 0;
	}
	nft_close(&nft);
	return r < 0 ? r : 0;
}
