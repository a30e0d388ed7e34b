// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/nft_count.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <linux/netfilter/nf_tables.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"
#include "sandboxd/net/nft_of.h"

#define ANSWER_SIZE (32 * 1024)

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

static int
read_dump(struct netlink *netlink, struct count *count, struct err *err)
{
	auto_free char *buffer = malloc(ANSWER_SIZE);
	int r;

	if (!buffer)
		return err_set(err, ENOMEM, "no memory for counters");
	do {
		ssize_t n = mnl_socket_recvfrom(netlink->socket, buffer,
		    ANSWER_SIZE);

		if (n < 0 && errno == EINTR) {
			r = MNL_CB_OK;
			continue;
		}
		r = n < 0 ? -1 : mnl_cb_run(buffer, (size_t)n, 0, 0, take_rule,
		    count);
		if (r < 0 && errno == ENOENT)
			return 0;
		if (r < 0)
			return err_errno(err, "cannot read a counter");
	} while (r > 0);
	return 0;
}

int
nft_count(const char *table, const char *chain, uint64_t *ret_packets,
    uint64_t *ret_bytes, struct err *err)
{
	struct nft nft = {.table = table};
	struct count count = {0};
	struct nlmsghdr *message;
	int r = netlink_open(NETLINK_NETFILTER, &nft.netlink, err);

	if (r == 0) {
		message = nft_add(&nft, "cannot read a counter",
		    NFT_MSG_GETRULE, NLM_F_DUMP);
		mnl_attr_put_strz(message, NFTA_RULE_TABLE, table);
		mnl_attr_put_strz(message, NFTA_RULE_CHAIN, chain);
		r = netlink_commit(&nft.netlink, err);
	}
	if (r == 0)
		r = read_dump(&nft.netlink, &count, err);
	nft_close(&nft);
	*ret_packets = count.packets;
	*ret_bytes = count.bytes;
	return r;
}
