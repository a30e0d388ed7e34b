// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/nft_count.h"

#include <linux/netfilter/nf_tables.h>
#include <stdbool.h>
#include <stdio.h> /* which libnftnl/expr.h needs */
#include <string.h>

#include <libnftnl/expr.h>
#include <libnftnl/rule.h>

#include "sandboxd/net/nft_family.h"

struct count {
	bool is_found;
	uint64_t packets, bytes;
};

static int
take_expression(struct nftnl_expr *expression, void *data)
{
	struct count *count = data;
	const char *name = nftnl_expr_get_str(expression, NFTNL_EXPR_NAME);

	if (count->is_found || name == NULL || strcmp(name, "counter") != 0)
		return 0;
	count->is_found = true;
	count->packets = nftnl_expr_get_u64(expression,
	    NFTNL_EXPR_CTR_PACKETS);
	count->bytes = nftnl_expr_get_u64(expression, NFTNL_EXPR_CTR_BYTES);
	return 0;
}

static int
take_rule(const struct nlmsghdr *message, void *data)
{
	struct nftnl_rule *rule = nftnl_rule_alloc();

	if (!rule)
		return MNL_CB_ERROR;
	if (nftnl_rule_nlmsg_parse(message, rule) == 0)
		(void)nftnl_expr_foreach(rule, take_expression, data);
	nftnl_rule_free(rule);
	return MNL_CB_OK;
}

int
nft_count(const char *table, const char *chain, uint64_t *ret_packets,
    uint64_t *ret_bytes, struct err *err)
{
	static const char what[] = "cannot read a counter";
	struct nft nft = {.table = table};
	struct count count = {0};
	struct nlmsghdr *message;
	int r = netlink_open(NETLINK_NETFILTER, &nft.netlink, err);

	if (r == 0) {
		message = nft_add(&nft, what, NFT_MSG_GETRULE, NLM_F_DUMP);
		mnl_attr_put_strz(message, NFTA_RULE_TABLE, table);
		mnl_attr_put_strz(message, NFTA_RULE_CHAIN, chain);
		r = nft_dump(&nft, take_rule, &count, what, err);
	}
	nft_close(&nft);
	*ret_packets = count.packets;
	*ret_bytes = count.bytes;
	return r;
}
