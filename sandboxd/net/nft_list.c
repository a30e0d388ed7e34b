// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/nft_list.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include <libnftnl/rule.h>
#include <libnftnl/table.h>
#include <libnftnl/udata.h>

#include "sandboxd/net/nft_family.h"

/* With the bytes that say what it is and how long. */
#define COMMENT_ROOM (NFT_COMMENT_SIZE + 2)

void
nft_comment(struct nft *nft, const char *words)
{
	struct nftnl_udata_buf *data = nftnl_udata_buf_alloc(COMMENT_ROOM);

	if (data == NULL || nft->rule == NULL ||
	    !nftnl_udata_put_strz(data, NFTNL_UDATA_RULE_COMMENT, words) ||
	    nftnl_rule_set_data(nft->rule, NFTNL_RULE_USERDATA,
	    nftnl_udata_buf_data(data), nftnl_udata_buf_len(data)) < 0)
		nft_fail(nft, ENOMEM);
	if (data != NULL)
		nftnl_udata_buf_free(data);
}

/* Asks, which is not part of a transaction: 1, 0 or -errno. */
static int
ask(struct nft *nft, struct err *err)
{
	int r = netlink_commit(&nft->netlink, err);

	if (r == -ENOENT)
		return 0;
	return r < 0 ? r : 1;
}

int
nft_table_exists(const char *table, struct err *err)
{
	auto_nft struct nft nft = {0};
	int r = nft_look(table, &nft, err);

	if (r < 0)
		return r;
	mnl_attr_put_strz(nft_add(&nft, "cannot look for the table",
	    NFT_MSG_GETTABLE, NLM_F_ACK), NFTA_TABLE_NAME, table);
	return ask(&nft, err);
}

int
nft_chain_exists(const char *table, const char *chain, struct err *err)
{
	auto_nft struct nft nft = {0};
	int r = nft_look(table, &nft, err);
	struct nlmsghdr *message;

	if (r < 0)
		return r;
	message = nft_add(
	    &nft, "cannot look for the chain", NFT_MSG_GETCHAIN, NLM_F_ACK);
	mnl_attr_put_strz(message, NFTA_CHAIN_TABLE, table);
	mnl_attr_put_strz(message, NFTA_CHAIN_NAME, chain);
	return ask(&nft, err);
}

struct listing_tables {
	void (*take)(const char *name, void *data);
	void *data;
};

static int
take_table(const struct nlmsghdr *message, void *data)
{
	const struct listing_tables *listing = data;
	struct nftnl_table *table = nftnl_table_alloc();

	if (!table)
		return MNL_CB_ERROR;
	if (nftnl_table_nlmsg_parse(message, table) == 0)
		listing->take(nftnl_table_get_str(table, NFTNL_TABLE_NAME),
		    listing->data);
	nftnl_table_free(table);
	return MNL_CB_OK;
}

int
nft_list_tables(struct nft *nft, void (*take)(const char *name, void *data),
    void *data, struct err *err)
{
	static const char what[] = "cannot list tables";
	struct listing_tables listing = {take, data};

	(void)nft_add(nft, what, NFT_MSG_GETTABLE, NLM_F_DUMP);
	return nft_dump(nft, take_table, &listing, what, err);
}

struct listing_rules {
	void (*take)(const char *comment, void *data);
	void *data;
};

/* Its comment, which is there alone where it was put by nft_comment. */
static bool
read_comment(struct nftnl_rule *rule, char ret[NFT_COMMENT_SIZE])
{
	uint32_t size = 0;
	const uint8_t *data = nftnl_rule_get_data(rule, NFTNL_RULE_USERDATA,
	    &size);

	if (data == NULL || size < 3 || data[0] != NFTNL_UDATA_RULE_COMMENT ||
	    data[1] != size - 2 || data[1] > NFT_COMMENT_SIZE ||
	    data[size - 1] != '\0')
		return false;
	memcpy(ret, data + 2, size - 2);
	return true;
}

static int
take_rule(const struct nlmsghdr *message, void *data)
{
	const struct listing_rules *listing = data;
	struct nftnl_rule *rule = nftnl_rule_alloc();
	char comment[NFT_COMMENT_SIZE];

	if (!rule)
		return MNL_CB_ERROR;
	if (nftnl_rule_nlmsg_parse(message, rule) == 0 &&
	    read_comment(rule, comment))
		listing->take(comment, listing->data);
	nftnl_rule_free(rule);
	return MNL_CB_OK;
}

int
nft_list_comments(struct nft *nft, const char *chain,
    void (*take)(const char *comment, void *data), void *data,
    struct err *err)
{
	static const char what[] = "cannot list rules";
	struct listing_rules listing = {take, data};
	struct nlmsghdr *message = nft_add(nft, what, NFT_MSG_GETRULE,
	    NLM_F_DUMP);

	mnl_attr_put_strz(message, NFTA_RULE_TABLE, nft->table);
	if (chain != NULL)
		mnl_attr_put_strz(message, NFTA_RULE_CHAIN, chain);
	return nft_dump(nft, take_rule, &listing, what, err);
}
