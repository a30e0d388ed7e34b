// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/nft_named.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <stdio.h> /* which libnftnl/expr.h needs */
#include <string.h>

#include <libnftnl/expr.h>
#include <libnftnl/object.h>
#include <libnftnl/udata.h>

#include "sandboxd/net/nft_family.h"

/* nft's number for the type of a key, for its listings only. */
#define TYPE_MARK  19
#define ORDER_HOST 1 /* its order of bytes */
#define ORDER_ROOM 64

static void
name_counter(struct nft *nft, struct nlmsghdr *message, const char *name)
{
	mnl_attr_put_strz(message, NFTA_OBJ_TABLE, nft->table);
	mnl_attr_put_strz(message, NFTA_OBJ_NAME, name);
	mnl_attr_put_u32(message, NFTA_OBJ_TYPE, htonl(NFT_OBJECT_COUNTER));
}

void
nft_named_counter(struct nft *nft, const char *name)
{
	struct nlmsghdr *message = nft_add(nft, "cannot make a counter",
	    NFT_MSG_NEWOBJ, NLM_F_CREATE);

	name_counter(nft, message, name);
	/* At zero. */
	mnl_attr_nest_end(message,
	    mnl_attr_nest_start(message, NFTA_OBJ_DATA));
}

void
nft_named_counter_remove(struct nft *nft, const char *name)
{
	nft->is_removing = true;
	name_counter(nft, nft_add(nft, "cannot remove a counter",
	    NFT_MSG_DELOBJ, 0), name);
}

static void
put_name(struct nft *nft, struct nftnl_expr *expression, uint16_t attribute,
    const char *name)
{
	if (expression != NULL && nftnl_expr_set_str(expression, attribute,
	    name) < 0)
		nft_fail(nft, ENOMEM);
}

void
nft_count_in(struct nft *nft, const char *name)
{
	struct nftnl_expr *e = nft_expression(nft, "objref");

	nft_set_u32(e, NFTNL_EXPR_OBJREF_IMM_TYPE, NFT_OBJECT_COUNTER);
	put_name(nft, e, NFTNL_EXPR_OBJREF_IMM_NAME, name);
}

void
nft_match_marks_map(struct nft *nft, const char *map)
{
	struct nftnl_expr *e = nft_expression(nft, "ct");

	nft_set_u32(e, NFTNL_EXPR_CT_KEY, NFT_CT_MARK);
	nft_set_u32(e, NFTNL_EXPR_CT_DREG, NFT_REG_1);
	e = nft_expression(nft, "objref");
	nft_set_u32(e, NFTNL_EXPR_OBJREF_SET_SREG, NFT_REG_1);
	put_name(nft, e, NFTNL_EXPR_OBJREF_SET_NAME, map);
}

/* An object that names the map, or NULL. */
static struct nftnl_set *
name_map(struct nft *nft, const char *map)
{
	struct nftnl_set *set = nftnl_set_alloc();

	if (set != NULL &&
	    nftnl_set_set_str(set, NFTNL_SET_TABLE, nft->table) == 0 &&
	    nftnl_set_set_str(set, NFTNL_SET_NAME, map) == 0)
		return set;
	if (set != NULL)
		nftnl_set_free(set);
	nft_fail(nft, ENOMEM);
	return NULL;
}

/* For nft's listings: marks are numbers of this machine. */
static void
say_order(struct nft *nft, struct nftnl_set *set)
{
	struct nftnl_udata_buf *data = nftnl_udata_buf_alloc(ORDER_ROOM);

	if (data == NULL || !nftnl_udata_put_u32(data,
	    NFTNL_UDATA_SET_KEYBYTEORDER, ORDER_HOST) ||
	    nftnl_set_set_data(set, NFTNL_SET_USERDATA,
	    nftnl_udata_buf_data(data), nftnl_udata_buf_len(data)) < 0)
		nft_fail(nft, ENOMEM);
	if (data != NULL)
		nftnl_udata_buf_free(data);
}

void
nft_marks_map(struct nft *nft, const char *map, uint32_t max)
{
	struct nftnl_set *set = name_map(nft, map);

	if (set == NULL)
		return;
	nftnl_set_set_u32(set, NFTNL_SET_ID,
	    (uint32_t)nft->netlink.n_messages);
	nftnl_set_set_u32(set, NFTNL_SET_FLAGS, NFT_SET_OBJECT);
	nftnl_set_set_u32(set, NFTNL_SET_OBJ_TYPE, NFT_OBJECT_COUNTER);
	nftnl_set_set_u32(set, NFTNL_SET_KEY_TYPE, TYPE_MARK);
	nftnl_set_set_u32(set, NFTNL_SET_KEY_LEN, sizeof(uint32_t));
	nftnl_set_set_u32(set, NFTNL_SET_DESC_SIZE, max);
	say_order(nft, set);
	nftnl_set_nlmsg_build_payload(nft_add(nft, "cannot make a map",
	    NFT_MSG_NEWSET, NLM_F_CREATE), set);
	nftnl_set_free(set);
}

void
nft_marks_map_empty(struct nft *nft, const char *map)
{
	struct nlmsghdr *message = nft_add(nft, "cannot empty a map",
	    NFT_MSG_DELSETELEM, 0);

	nft->is_removing = true;
	mnl_attr_put_strz(message, NFTA_SET_ELEM_LIST_TABLE, nft->table);
	mnl_attr_put_strz(message, NFTA_SET_ELEM_LIST_SET, map);
}

static bool
add_marked(struct nftnl_set *set, const struct nft_marked *marked)
{
	struct nftnl_set_elem *element = nftnl_set_elem_alloc();

	if (element == NULL)
		return false;
	nftnl_set_elem_add(set, element);
	return nftnl_set_elem_set(element, NFTNL_SET_ELEM_KEY, &marked->mark,
	    sizeof marked->mark) == 0 && nftnl_set_elem_set_str(element,
	    NFTNL_SET_ELEM_OBJREF, marked->counter) == 0;
}

void
nft_marks_map_fill(struct nft *nft, const char *map,
    const struct nft_marked *marked, size_t n)
{
	struct nftnl_set *set = n > 0 ? name_map(nft, map) : NULL;

	if (set == NULL)
		return;
	for (size_t i = 0; i < n; i++)
		if (!add_marked(set, &marked[i]))
			nft_fail(nft, ENOMEM);
	nftnl_set_elems_nlmsg_build_payload(nft_add(nft, "cannot fill a map",
	    NFT_MSG_NEWSETELEM, NLM_F_CREATE), set);
	nftnl_set_free(set);
}

struct listing {
	const char *table;
	void (*take)(const char *name, uint64_t packets, uint64_t bytes,
	    void *data);
	void *data;
};

static int
take_object(const struct nlmsghdr *message, void *data)
{
	const struct listing *listing = data;
	struct nftnl_obj *object = nftnl_obj_alloc();

	if (!object)
		return MNL_CB_ERROR;
	if (nftnl_obj_nlmsg_parse(message, object) == 0 &&
	    strcmp(nftnl_obj_get_str(object, NFTNL_OBJ_TABLE),
	    listing->table) == 0 &&
	    nftnl_obj_get_u32(object, NFTNL_OBJ_TYPE) == NFT_OBJECT_COUNTER)
		listing->take(nftnl_obj_get_str(object, NFTNL_OBJ_NAME),
		    nftnl_obj_get_u64(object, NFTNL_OBJ_CTR_PKTS),
		    nftnl_obj_get_u64(object, NFTNL_OBJ_CTR_BYTES),
		    listing->data);
	nftnl_obj_free(object);
	return MNL_CB_OK;
}

int
nft_list_counters(struct nft *nft, void (*take)(const char *name,
    uint64_t packets, uint64_t bytes, void *data), void *data,
    struct err *err)
{
	static const char what[] = "cannot read counters";
	struct listing listing = {nft->table, take, data};
	struct nlmsghdr *message = nft_add(nft, what, NFT_MSG_GETOBJ,
	    NLM_F_DUMP);

	mnl_attr_put_strz(message, NFTA_OBJ_TABLE, nft->table);
	mnl_attr_put_u32(message, NFTA_OBJ_TYPE, htonl(NFT_OBJECT_COUNTER));
	return nft_dump(nft, take_object, &listing, what, err);
}
