// SPDX-License-Identifier: Apache-2.0
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include <libnftnl/chain.h>
#include <libnftnl/object.h>

#include "sandboxd/net/nft_family.h"
#include "sandboxd/net/nft_named.h"

/* What a set's name may end with: that of no set is for the new ones. None of a
 * policy's own ends with a letter of these. */
static const char forms[] = "xyz";

struct filling {
	struct nft *nft;
	bool is_taken[sizeof forms - 1];
};

static void
remove_set(struct nft *nft, const char *name)
{
	struct nlmsghdr *message = nft_add(nft, "cannot remove a set",
	    NFT_MSG_DELSET, 0);

	mnl_attr_put_strz(message, NFTA_SET_TABLE, nft->table);
	mnl_attr_put_strz(message, NFTA_SET_NAME, name);
}

static void
remove_chain(struct nft *nft, const char *name)
{
	struct nlmsghdr *message = nft_add(nft, "cannot remove a chain",
	    NFT_MSG_DELCHAIN, 0);

	mnl_attr_put_strz(message, NFTA_CHAIN_TABLE, nft->table);
	mnl_attr_put_strz(message, NFTA_CHAIN_NAME, name);
}

/* Those without a name of ours go with their rules. */
static int
take_set(const struct nlmsghdr *message, void *data)
{
	struct filling *filling = data;
	struct nftnl_set *set = nftnl_set_alloc();
	const char *name, *form;

	if (!set)
		return MNL_CB_ERROR;
	if (nftnl_set_nlmsg_parse(message, set) == 0 &&
	    strcmp(nftnl_set_get_str(set, NFTNL_SET_TABLE),
	    filling->nft->table) == 0 &&
	    (nftnl_set_get_u32(set, NFTNL_SET_FLAGS) & NFT_SET_ANONYMOUS) ==
	    0) {
		name = nftnl_set_get_str(set, NFTNL_SET_NAME);
		form = *name != '\0' ? strchr(forms, name[strlen(name) - 1]) :
		    NULL;
		if (form != NULL)
			filling->is_taken[form - forms] = true;
		remove_set(filling->nft, name);
	}
	nftnl_set_free(set);
	return MNL_CB_OK;
}

static int
take_chain(const struct nlmsghdr *message, void *data)
{
	struct nft *nft = ((struct filling *)data)->nft;
	struct nftnl_chain *chain = nftnl_chain_alloc();

	if (!chain)
		return MNL_CB_ERROR;
	if (nftnl_chain_nlmsg_parse(message, chain) == 0 &&
	    strcmp(nftnl_chain_get_str(chain, NFTNL_CHAIN_TABLE),
	    nft->table) == 0 &&
	    !nftnl_chain_is_set(chain, NFTNL_CHAIN_HOOKNUM))
		remove_chain(nft, nftnl_chain_get_str(chain,
		    NFTNL_CHAIN_NAME));
	nftnl_chain_free(chain);
	return MNL_CB_OK;
}

/* A map that led to it has gone by now. */
static int
take_object(const struct nlmsghdr *message, void *data)
{
	struct nft *nft = ((struct filling *)data)->nft;
	struct nftnl_obj *object = nftnl_obj_alloc();

	if (!object)
		return MNL_CB_ERROR;
	if (nftnl_obj_nlmsg_parse(message, object) == 0 &&
	    strcmp(nftnl_obj_get_str(object, NFTNL_OBJ_TABLE),
	    nft->table) == 0 &&
	    nftnl_obj_get_u32(object, NFTNL_OBJ_TYPE) == NFT_OBJECT_COUNTER)
		nft_named_counter_remove(nft,
		    nftnl_obj_get_str(object, NFTNL_OBJ_NAME));
	nftnl_obj_free(object);
	return MNL_CB_OK;
}

/* What take() adds to the transaction for each that there is. */
static void
each(struct filling *filling, struct nft *asking, uint16_t type,
    uint16_t attribute, mnl_cb_t take)
{
	struct err err;
	int r;

	mnl_attr_put_strz(nft_add(asking, "cannot list a table", type,
	    NLM_F_DUMP), attribute, asking->table);
	r = nft_dump(asking, take, filling, "cannot list a table", &err);
	if (r < 0)
		nft_fail(filling->nft, -r);
}

/* What is there goes, but for the chains at hooks. */
static void
remove_all(struct filling *filling)
{
	auto_nft struct nft asking = {.table = filling->nft->table};
	struct err err;
	int r = netlink_open(NETLINK_NETFILTER, &asking.netlink, &err);

	if (r < 0) {
		nft_fail(filling->nft, -r);
		return;
	}
	each(filling, &asking, NFT_MSG_GETSET, NFTA_SET_TABLE, take_set);
	each(filling, &asking, NFT_MSG_GETCHAIN, NFTA_CHAIN_TABLE, take_chain);
	each(filling, &asking, NFT_MSG_GETOBJ, NFTA_OBJ_TABLE, take_object);
}

void
nft_table_refill(struct nft *nft, struct nft *sets)
{
	struct filling filling = {.nft = nft};
	struct nlmsghdr *message;
	size_t form = 0;

	nft->is_removing = true;
	message = nft_add(nft, "cannot remove the rules", NFT_MSG_DELRULE, 0);
	mnl_attr_put_strz(message, NFTA_RULE_TABLE, nft->table);
	/* What jumps to a chain or looks in a set has gone by now. */
	remove_all(&filling);
	if (sets == NULL)
		return;
	nft->sets = sets;
	/* Two at most are there: those in use, and some that were left. */
	while (form + 2 < sizeof forms && filling.is_taken[form])
		form++;
	nft->set_form = forms[form];
}
