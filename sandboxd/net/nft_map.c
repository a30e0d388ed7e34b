// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/nft_map.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <stdio.h> /* which libnftnl/expr.h needs */
#include <string.h>

#include <libnftnl/chain.h>
#include <libnftnl/expr.h>

#include "sandboxd/net/nft_family.h"

/* nft's number for the type of links' groups, for its listings only. */
#define TYPE_GROUP 35

static struct nftnl_set *
name_map(struct nft *nft, const char *name)
{
	struct nftnl_set *map = nftnl_set_alloc();

	if (map == NULL || nftnl_set_set_str(map, NFTNL_SET_TABLE,
	    nft->table) < 0 || nftnl_set_set_str(map, NFTNL_SET_NAME,
	    name) < 0) {
		nft_fail(nft, ENOMEM);
		if (map != NULL)
			nftnl_set_free(map);
		return NULL;
	}
	return map;
}

void
nft_group_map(struct nft *nft, const char *name)
{
	struct nftnl_set *map = name_map(nft, name);

	if (map == NULL)
		return;
	nftnl_set_set_u32(map, NFTNL_SET_ID,
	    (uint32_t)nft->netlink.n_messages);
	nftnl_set_set_u32(map, NFTNL_SET_FLAGS, NFT_SET_MAP);
	nftnl_set_set_u32(map, NFTNL_SET_KEY_TYPE, TYPE_GROUP);
	nftnl_set_set_u32(map, NFTNL_SET_KEY_LEN, sizeof(uint32_t));
	nftnl_set_set_u32(map, NFTNL_SET_DATA_TYPE, NFT_DATA_VERDICT);
	nftnl_set_nlmsg_build_payload(nft_add(nft, "cannot make a map",
	    NFT_MSG_NEWSET, NLM_F_CREATE), map);
	nftnl_set_free(map);
}

static struct nftnl_set_elem *
make_element(uint32_t group, const char *chain)
{
	struct nftnl_set_elem *element = nftnl_set_elem_alloc();

	if (element == NULL)
		return NULL;
	if (nftnl_set_elem_set(element, NFTNL_SET_ELEM_KEY, &group,
	    sizeof group) < 0 || (chain != NULL && nftnl_set_elem_set_str(
	    element, NFTNL_SET_ELEM_CHAIN, chain) < 0)) {
		nftnl_set_elem_free(element);
		return NULL;
	}
	if (chain != NULL)
		nftnl_set_elem_set_u32(element, NFTNL_SET_ELEM_VERDICT,
		    (uint32_t)NFT_JUMP);
	return element;
}

/* A message about one element; chain NULL: to where it leads. */
static void
say(struct nft *nft, const char *name, uint32_t group, const char *chain,
    uint16_t type, uint16_t flags)
{
	struct nftnl_set *map = name_map(nft, name);
	struct nftnl_set_elem *element = make_element(group, chain);

	if (map != NULL && element != NULL) {
		nftnl_set_elem_add(map, element);
		nftnl_set_elems_nlmsg_build_payload(nft_add(nft,
		    "cannot change a map", type, flags), map);
	} else {
		nft_fail(nft, ENOMEM);
		if (element != NULL)
			nftnl_set_elem_free(element);
	}
	if (map != NULL)
		nftnl_set_free(map);
}

void
nft_group_map_put(struct nft *nft, const char *name, uint32_t group,
    const char *chain)
{
	say(nft, name, group, chain, NFT_MSG_NEWSETELEM, NLM_F_CREATE);
}

void
nft_group_map_drop(struct nft *nft, const char *name, uint32_t group)
{
	nft->is_removing = true;
	say(nft, name, group, NULL, NFT_MSG_DELSETELEM, 0);
}

void
nft_jump_by_group(struct nft *nft, uint32_t link, const char *map)
{
	struct nftnl_expr *e = nft_expression(nft, "meta");

	nft_set_u32(e, NFTNL_EXPR_META_KEY, link);
	nft_set_u32(e, NFTNL_EXPR_META_DREG, NFT_REG_1);
	e = nft_expression(nft, "lookup");
	nft_set_u32(e, NFTNL_EXPR_LOOKUP_SREG, NFT_REG_1);
	nft_set_u32(e, NFTNL_EXPR_LOOKUP_DREG, NFT_REG_VERDICT);
	if (e != NULL && nftnl_expr_set_str(e, NFTNL_EXPR_LOOKUP_SET,
	    map) < 0)
		nft_fail(nft, ENOMEM);
}

void
nft_chain_remove(struct nft *nft, const char *chain)
{
	struct nlmsghdr *message = nft_add(nft, "cannot remove a chain",
	    NFT_MSG_DELCHAIN, 0);

	nft->is_removing = true;
	mnl_attr_put_strz(message, NFTA_CHAIN_TABLE, nft->table);
	mnl_attr_put_strz(message, NFTA_CHAIN_NAME, chain);
}

struct taking {
	const char *table;
	void (*take)(const char *name, void *data);
	void *data;
};

static int
take_chain(const struct nlmsghdr *message, void *data)
{
	const struct taking *taking = data;
	struct nftnl_chain *chain = nftnl_chain_alloc();

	if (chain == NULL)
		return MNL_CB_ERROR;
	if (nftnl_chain_nlmsg_parse(message, chain) == 0 &&
	    strcmp(nftnl_chain_get_str(chain, NFTNL_CHAIN_TABLE),
	    taking->table) == 0)
		taking->take(nftnl_chain_get_str(chain, NFTNL_CHAIN_NAME),
		    taking->data);
	nftnl_chain_free(chain);
	return MNL_CB_OK;
}

int
nft_chain_list(const char *table, void (*take)(const char *name,
    void *data), void *data, struct err *err)
{
	static const char what[] = "cannot list a table";
	auto_nft struct nft nft = {.table = table};
	struct taking taking = {table, take, data};
	int r = netlink_open(NETLINK_NETFILTER, &nft.netlink, err);

	if (r < 0)
		return r;
	mnl_attr_put_strz(nft_add(&nft, what, NFT_MSG_GETCHAIN, NLM_F_DUMP),
	    NFTA_CHAIN_TABLE, table);
	return nft_dump(&nft, take_chain, &taking, what, err);
}
