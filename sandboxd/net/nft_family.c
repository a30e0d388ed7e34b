// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/nft_family.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/fd.h"

#define ANSWER_SIZE (32 * 1024)

#define IPV4_DESTINATION 16
#define IPV6_DESTINATION 24

uint32_t
nft_address_size(sa_family_t family)
{
	return family == AF_INET ? 4 : 16;
}

uint32_t
nft_destination_offset(sa_family_t family)
{
	return family == AF_INET ? IPV4_DESTINATION : IPV6_DESTINATION;
}

void
nft_family_name(const char *name, sa_family_t family,
    char ret[NFT_SET_NAME_SIZE])
{
	(void)snprintf(ret, NFT_SET_NAME_SIZE, "%s%c", name,
	    family == AF_INET ? '4' : '6');
}

struct nftnl_set *
nft_family_set(const char *table, const char *name, sa_family_t family)
{
	struct nftnl_set *set = nftnl_set_alloc();
	char full[NFT_SET_NAME_SIZE];

	nft_family_name(name, family, full);
	if (set && (nftnl_set_set_str(set, NFTNL_SET_TABLE, table) < 0 ||
	    nftnl_set_set_str(set, NFTNL_SET_NAME, full) < 0)) {
		nftnl_set_free(set);
		return NULL;
	}
	return set;
}

void
nft_family_make(struct nft *nft, const char *name, sa_family_t family,
    const struct nft_family_form *form)
{
	struct nftnl_set *set = nft_family_set(nft->table, name, family);

	if (!set) {
		nft_fail(nft, ENOMEM);
		return;
	}
	/* Rules of the same transaction find it by its name; the number has
	 * only to be one that no other set of it has. */
	nftnl_set_set_u32(set, NFTNL_SET_ID,
	    (uint32_t)nft->netlink.n_messages);
	nftnl_set_set_u32(set, NFTNL_SET_FLAGS, form->flags);
	nftnl_set_set_u32(set, NFTNL_SET_KEY_TYPE, form->key_type);
	nftnl_set_set_u32(set, NFTNL_SET_KEY_LEN, form->key_size);
	nftnl_set_set_u32(set, NFTNL_SET_DESC_SIZE, form->size);
	if (form->timeout_ms != 0)
		nftnl_set_set_u64(set, NFTNL_SET_TIMEOUT, form->timeout_ms);
	nftnl_set_nlmsg_build_payload(nft_add(nft, form->what,
	    NFT_MSG_NEWSET, NLM_F_CREATE), set);
	nftnl_set_free(set);
}

int
nft_dump(struct nft *nft, mnl_cb_t take, void *data, const char *what,
    struct err *err)
{
	auto_free char *buffer = malloc(ANSWER_SIZE);
	int r;

	if (!buffer)
		return err_set(err, ENOMEM, "%s: no memory", what);
	r = netlink_commit(&nft->netlink, err);
	if (r < 0)
		return r;
	do {
		ssize_t n = mnl_socket_recvfrom(nft->netlink.socket, buffer,
		    ANSWER_SIZE);

		if (n < 0 && errno == EINTR) {
			r = MNL_CB_OK;
			continue;
		}
		r = n < 0 ? -1 : mnl_cb_run(buffer, (size_t)n, 0, 0, take,
		    data);
		if (r < 0 && errno == ENOENT)
			return 0;
		if (r < 0)
			return err_errno(err, "%s", what);
	} while (r > 0);
	return 0;
}

/* Who sees the elements of a message. */
struct taking {
	int (*take)(struct nftnl_set_elem *element, void *data);
	void *data;
};

static int
take_message(const struct nlmsghdr *message, void *data)
{
	const struct taking *taking = data;
	struct nftnl_set *set = nftnl_set_alloc();

	if (!set)
		return MNL_CB_ERROR;
	if (nftnl_set_elems_nlmsg_parse(message, set) == 0)
		(void)nftnl_set_elem_foreach(set, taking->take, taking->data);
	nftnl_set_free(set);
	return MNL_CB_OK;
}

int
nft_family_list(const char *table, const char *name, sa_family_t family,
    int (*take)(struct nftnl_set_elem *element, void *data), void *data,
    struct err *err)
{
	static const char what[] = "cannot list a set";
	struct nft nft = {.table = table};
	struct taking taking = {take, data};
	struct nftnl_set *set = nft_family_set(table, name, family);
	int r = netlink_open(NETLINK_NETFILTER, &nft.netlink, err);

	if (r == 0 && !set)
		r = err_set(err, ENOMEM, "no memory for a set");
	if (r == 0) {
		nftnl_set_elems_nlmsg_build_payload(nft_add(&nft, what,
		    NFT_MSG_GETSETELEM, NLM_F_DUMP), set);
		r = nft_dump(&nft, take_message, &taking, what, err);
	}
	if (set)
		nftnl_set_free(set);
	nft_close(&nft);
	return r;
}
