// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/nft_timed.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "sandboxd/net/nft_family.h"

static void
make_set(struct nft *nft, const char *name, sa_family_t family, uint32_t size)
{
	const struct nft_family_form form = {.flags = NFT_SET_TIMEOUT,
	    .key_type = family == AF_INET ? NFT_TYPE_IPV4_ADDRESS :
	    NFT_TYPE_IPV6_ADDRESS, .key_size = nft_address_size(family),
	    .size = size, .what = "cannot make a set"};

	nft_family_make(nft, name, family, &form);
}

void
nft_timed_sets(struct nft *nft, const char *name, uint32_t size)
{
	make_set(nft, name, AF_INET, size);
	make_set(nft, name, AF_INET6, size);
}

bool
nft_timed_can_renew(void)
{
	static enum { UNKNOWN, CAN, CANNOT } kernel;
	struct utsname name;
	unsigned int major = 0, minor = 0;

	if (kernel == UNKNOWN) {
		kernel = CANNOT;
		if (uname(&name) == 0 && sscanf(name.release, "%u.%u", &major,
		    &minor) == 2 && (major > 6 || (major == 6 && minor >= 12)))
			kernel = CAN;
	}
	return kernel == CAN;
}

/* A message about one element; for ttl_ms where that is not 0. */
static void
say(struct nft *nft, const char *name, sa_family_t family,
    const void *address, uint64_t ttl_ms, uint16_t type, uint16_t flags)
{
	struct nftnl_set *set = nft_family_set(nft->table, name, family);
	struct nftnl_set_elem *element = nftnl_set_elem_alloc();

	if (set && element && nftnl_set_elem_set(element, NFTNL_SET_ELEM_KEY,
	    address, nft_address_size(family)) == 0) {
		if (ttl_ms != 0)
			nftnl_set_elem_set_u64(element,
			    NFTNL_SET_ELEM_TIMEOUT, ttl_ms);
		/* Of one that is there; the timeout is of new ones. */
		if (ttl_ms != 0 && (flags & NLM_F_REPLACE) != 0)
			nftnl_set_elem_set_u64(element,
			    NFTNL_SET_ELEM_EXPIRATION, ttl_ms);
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
    const void *address, uint64_t ttl_ms, bool can_renew)
{
	if (can_renew) {
		say(nft, name, family, address, ttl_ms, NFT_MSG_NEWSETELEM,
		    NLM_F_CREATE | NLM_F_REPLACE | NLM_F_ACK);
		return;
	}
	nft->is_removing = true;
	/* One that is there keeps its time, so it goes first; and it is made
	 * before, so that there is one to go. */
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
	    size != nft_address_size(listing->family) ||
	    !nftnl_set_elem_is_set(element, NFTNL_SET_ELEM_EXPIRATION))
		return 0;
	memset(one, 0, sizeof *one);
	memcpy(one->address, key, size);
	one->left_ms = nftnl_set_elem_get_u64(element,
	    NFTNL_SET_ELEM_EXPIRATION);
	listing->n += one->left_ms > 0;
	return 0;
}

int
nft_timed_list(const char *table, const char *name, sa_family_t family,
    struct nft_timed *ret, size_t max, size_t *ret_n, struct err *err)
{
	struct listing listing = {family, ret, max, 0};
	int r = nft_family_list(table, name, family, take_element, &listing,
	    err);

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
nft_timed_find(const char *table, struct mnl_socket *socket,
    const char *const *names, size_t n, sa_family_t family,
    const void *address, bool *ret, struct err *err)
{
	struct nft nft = {.table = table};
	int r = socket != NULL ? netlink_borrow(NETLINK_NETFILTER, socket,
	    &nft.netlink, err) : netlink_open(NETLINK_NETFILTER, &nft.netlink,
	    err);

	for (size_t i = 0; r >= 0 && i < n; i++) {
		r = find_in_one(&nft, names[i], family, address, err);
		ret[i] = r > 0;
	}
	nft_close(&nft);
	return r < 0 ? r : 0;
}
