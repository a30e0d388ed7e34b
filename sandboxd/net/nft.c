// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/nft.h"

#include <assert.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>

#include "sandboxd/net/linger.h"
#include "sandboxd/net/nft_of.h"

#define LOOPBACK_INDEX 1 /* in every namespace */

#define IPV4_SOURCE	 12
#define IPV6_SOURCE	 8
#define FRAGMENT_MASK	 0x3f, 0xff /* of the seventh and eighth: more
				     * fragments, and the offset */
#define IPV4_LENGTH_MASK 0x0f	/* of the first byte: words of the header */
#define IPV4_LENGTH	 5	/* without options */

/* The begin or the end of the transaction. */
static void
mark_batch(struct nft *nft, uint16_t type)
{
	struct nlmsghdr *mark =
	    netlink_add(&nft->netlink, "nftables transaction", type, 0);
	struct nfgenmsg *header =
	    mnl_nlmsg_put_extra_header(mark, sizeof *header);

	header->nfgen_family = AF_UNSPEC;
	header->version = NFNETLINK_V0;
	header->res_id = htons(NFNL_SUBSYS_NFTABLES);
}

int
nft_look(const char *table, struct nft *ret, struct err *err)
{
	ret->table = table;
	return netlink_open(NETLINK_NETFILTER, &ret->netlink, err);
}

void
nft_begin(struct nft *nft)
{
	mark_batch(nft, NFNL_MSG_BATCH_BEGIN);
}

int
nft_open(const char *table, struct nft *ret, struct err *err)
{
	int r = nft_look(table, ret, err);

	if (r == 0)
		nft_begin(ret);
	return r;
}

int
nft_open_by(const char *table, struct mnl_socket *socket, struct nft *ret,
    struct err *err)
{
	int r;

	ret->table = table;
	r = netlink_borrow(NETLINK_NETFILTER, socket, &ret->netlink, err);
	if (r < 0)
		return r;
	mark_batch(ret, NFNL_MSG_BATCH_BEGIN);
	return 0;
}

void
nft_close(struct nft *nft)
{
	if (nft->rule)
		nftnl_rule_free(nft->rule);
	nft->rule = NULL;
	netlink_close(&nft->netlink);
}

void
nft_fail(struct nft *nft, int code)
{
	if (nft->error == 0)
		nft->error = code;
}

struct nlmsghdr *
nft_add(struct nft *nft, const char *what, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *message = netlink_add(&nft->netlink, what,
	    (uint16_t)((NFNL_SUBSYS_NFTABLES << 8) | type), flags);
	struct nfgenmsg *header =
	    mnl_nlmsg_put_extra_header(message, sizeof *header);

	header->nfgen_family = NFPROTO_INET;
	header->version = NFNETLINK_V0;
	return message;
}

static void
add_table(struct nft *nft, const char *what, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *message = nft_add(nft, what, type, flags);

	mnl_attr_put_strz(message, NFTA_TABLE_NAME, nft->table);
}

void
nft_table_new(struct nft *nft)
{
	add_table(nft, "cannot make the table", NFT_MSG_NEWTABLE,
	    NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK);
}

void
nft_table_remove(struct nft *nft)
{
	nft->is_removing = true;
	/* Made first, so that the removal never fails for want of a table. */
	add_table(nft, "cannot make the table", NFT_MSG_NEWTABLE, NLM_F_CREATE);
	add_table(nft, "cannot remove the table", NFT_MSG_DELTABLE, NLM_F_ACK);
}

void
nft_table_replace(struct nft *nft)
{
	nft_table_remove(nft);
	add_table(nft, "cannot make the table", NFT_MSG_NEWTABLE,
	    NLM_F_CREATE | NLM_F_ACK);
}

static size_t
address_size(sa_family_t family)
{
	return family == AF_INET ? 4 : 16;
}

/* Clears what is beyond the prefix. */
static void
clear_host_part(unsigned char *address, size_t size, unsigned length)
{
	for (unsigned bit = length; bit < size * 8; bit++)
		address[bit / 8] &= (unsigned char)~(0x80 >> bit % 8);
}

static void
add_chain(struct nft *nft, struct nftnl_chain *chain, const char *name)
{
	if (nftnl_chain_set_str(chain, NFTNL_CHAIN_TABLE, nft->table) < 0 ||
	    nftnl_chain_set_str(chain, NFTNL_CHAIN_NAME, name) < 0)
		nft_fail(nft, ENOMEM);
	nftnl_chain_nlmsg_build_payload(nft_add(nft, "cannot make a chain",
					    NFT_MSG_NEWCHAIN, NLM_F_CREATE),
	    chain);
	nftnl_chain_free(chain);
}

void
nft_chain(struct nft *nft, const char *name)
{
	struct nftnl_chain *chain = nftnl_chain_alloc();

	if (!chain) {
		nft_fail(nft, ENOMEM);
		return;
	}
	add_chain(nft, chain, name);
}

void
nft_base_chain(struct nft *nft, const char *name, const char *type,
    uint32_t hook, int32_t priority, uint32_t policy)
{
	struct nftnl_chain *chain = nftnl_chain_alloc();

	if (!chain) {
		nft_fail(nft, ENOMEM);
		return;
	}
	if (nftnl_chain_set_str(chain, NFTNL_CHAIN_TYPE, type) < 0)
		nft_fail(nft, ENOMEM);
	nftnl_chain_set_u32(chain, NFTNL_CHAIN_HOOKNUM, hook);
	nftnl_chain_set_s32(chain, NFTNL_CHAIN_PRIO, priority);
	nftnl_chain_set_u32(chain, NFTNL_CHAIN_POLICY, policy);
	add_chain(nft, chain, name);
}

/*
 * Puts the rule being written into the batch. What is refused is answered
 * anyway, so the last one alone asks for an answer: those of all rules would
 * not fit a socket's buffer.
 */
static void
finish_rule(struct nft *nft, uint16_t flags)
{
	if (!nft->rule)
		return;
	flags |= nft->is_first ? NLM_F_CREATE : NLM_F_CREATE | NLM_F_APPEND;
	nftnl_rule_nlmsg_build_payload(
	    nft_add(nft, "cannot add a rule", NFT_MSG_NEWRULE, flags),
	    nft->rule);
	nftnl_rule_free(nft->rule);
	nft->rule = NULL;
	nft->is_first = false;
}

void
nft_chain_flush(struct nft *nft, const char *chain)
{
	struct nlmsghdr *message;

	finish_rule(nft, 0);
	nft->is_removing = true;
	message = nft_add(nft, "cannot remove rules", NFT_MSG_DELRULE, 0);
	mnl_attr_put_strz(message, NFTA_RULE_TABLE, nft->table);
	mnl_attr_put_strz(message, NFTA_RULE_CHAIN, chain);
}

void
nft_rule(struct nft *nft, const char *chain)
{
	finish_rule(nft, 0);
	nft->rule = nftnl_rule_alloc();
	if (!nft->rule ||
	    nftnl_rule_set_str(nft->rule, NFTNL_RULE_TABLE, nft->table) < 0 ||
	    nftnl_rule_set_str(nft->rule, NFTNL_RULE_CHAIN, chain) < 0)
		nft_fail(nft, ENOMEM);
}

void
nft_rule_first(struct nft *nft, const char *chain)
{
	nft_rule(nft, chain);
	nft->is_first = true;
}

struct nftnl_expr *
nft_expression(struct nft *nft, const char *name)
{
	struct nftnl_expr *expression;

	if (!nft->rule)
		return NULL;
	expression = nftnl_expr_alloc(name);
	if (!expression) {
		nft_fail(nft, ENOMEM);
		return NULL;
	}
	nftnl_rule_add_expr(nft->rule, expression);
	return expression;
}

void
nft_set_u32(struct nftnl_expr *expression, uint16_t attribute, uint32_t value)
{
	if (expression)
		nftnl_expr_set_u32(expression, attribute, value);
}

static void
load_meta(struct nft *nft, uint32_t key)
{
	struct nftnl_expr *e = nft_expression(nft, "meta");

	nft_set_u32(e, NFTNL_EXPR_META_KEY, key);
	nft_set_u32(e, NFTNL_EXPR_META_DREG, NFT_REG_1);
}

void
nft_load_payload(struct nft *nft, uint32_t base, uint32_t offset, size_t size)
{
	struct nftnl_expr *e = nft_expression(nft, "payload");

	nft_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, base);
	nft_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
	nft_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, (uint32_t)size);
	nft_set_u32(e, NFTNL_EXPR_PAYLOAD_DREG, NFT_REG_1);
}

static void
compare(struct nft *nft, bool is_equal, const void *data, size_t size)
{
	struct nftnl_expr *e = nft_expression(nft, "cmp");

	nft_set_u32(e, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
	nft_set_u32(e, NFTNL_EXPR_CMP_OP, is_equal ? NFT_CMP_EQ : NFT_CMP_NEQ);
	if (e &&
	    nftnl_expr_set(e, NFTNL_EXPR_CMP_DATA, data, (uint32_t)size) < 0)
		nft_fail(nft, ENOMEM);
}

static void
mask(struct nft *nft, const void *bits, size_t size)
{
	static const unsigned char zero[16];
	struct nftnl_expr *e = nft_expression(nft, "bitwise");

	nft_set_u32(e, NFTNL_EXPR_BITWISE_SREG, NFT_REG_1);
	nft_set_u32(e, NFTNL_EXPR_BITWISE_DREG, NFT_REG_1);
	nft_set_u32(e, NFTNL_EXPR_BITWISE_LEN, (uint32_t)size);
	if (e && (nftnl_expr_set(
		      e, NFTNL_EXPR_BITWISE_MASK, bits, (uint32_t)size) < 0 ||
		     nftnl_expr_set(
			 e, NFTNL_EXPR_BITWISE_XOR, zero, (uint32_t)size) < 0))
		nft_fail(nft, ENOMEM);
}

void
nft_match_link(
    struct nft *nft, uint32_t key, const char *prefix, bool is_whole, bool is)
{
	char name[IFNAMSIZ] = "";

	assert(strlen(prefix) < sizeof name);
	strcpy(name, prefix);
	load_meta(nft, key);
	compare(nft, is, name, is_whole ? sizeof name : strlen(name));
}

void
nft_match_loopback(struct nft *nft, uint32_t key)
{
	static const uint32_t index = LOOPBACK_INDEX;

	load_meta(nft, key);
	compare(nft, true, &index, sizeof index);
}

void
nft_match_family(struct nft *nft, sa_family_t family)
{
	uint8_t protocol = family == AF_INET ? NFPROTO_IPV4 : NFPROTO_IPV6;

	load_meta(nft, NFT_META_NFPROTO);
	compare(nft, true, &protocol, sizeof protocol);
}

void
nft_match_protocol(struct nft *nft, uint8_t protocol)
{
	load_meta(nft, NFT_META_L4PROTO);
	compare(nft, true, &protocol, sizeof protocol);
}

void
nft_match_dport(struct nft *nft, uint16_t port)
{
	port = htons(port);
	nft_load_payload(nft, NFT_PAYLOAD_TRANSPORT_HEADER, 2, sizeof port);
	compare(nft, true, &port, sizeof port);
}

void
nft_match_source(struct nft *nft, const struct prefix *prefix)
{
	size_t size = address_size(prefix->family);
	unsigned char bits[16], address[16];

	memset(bits, 0xff, sizeof bits);
	clear_host_part(bits, size, prefix->length);
	memcpy(address, prefix->address, sizeof address);
	clear_host_part(address, size, prefix->length);
	nft_match_family(nft, prefix->family);
	nft_load_payload(nft, NFT_PAYLOAD_NETWORK_HEADER,
	    prefix->family == AF_INET ? IPV4_SOURCE : IPV6_SOURCE, size);
	mask(nft, bits, size);
	compare(nft, true, address, size);
}

void
nft_match_disguise(struct nft *nft)
{
	static const uint8_t
	    bits[] = {IPV4_LENGTH_MASK, 0, 0, 0, 0, 0, FRAGMENT_MASK},
	    plain[] = {IPV4_LENGTH, 0, 0, 0, 0, 0, 0, 0};

	nft_load_payload(nft, NFT_PAYLOAD_NETWORK_HEADER, 0, sizeof bits);
	mask(nft, bits, sizeof bits);
	compare(nft, false, plain, sizeof plain);
}

void
nft_match_routing_header(struct nft *nft)
{
	static const uint8_t is_there = 1;
	struct nftnl_expr *e;

	e = nft_expression(nft, "exthdr");
	if (e)
		nftnl_expr_set_u8(
		    e, NFTNL_EXPR_EXTHDR_TYPE, IPPROTO_ROUTING);
	nft_set_u32(e, NFTNL_EXPR_EXTHDR_OFFSET, 0);
	nft_set_u32(e, NFTNL_EXPR_EXTHDR_LEN, sizeof is_there);
	nft_set_u32(e, NFTNL_EXPR_EXTHDR_FLAGS, NFT_EXTHDR_F_PRESENT);
	nft_set_u32(e, NFTNL_EXPR_EXTHDR_DREG, NFT_REG_1);
	compare(nft, true, &is_there, sizeof is_there);
}

void
nft_match_state(struct nft *nft, uint32_t states)
{
	struct nftnl_expr *e = nft_expression(nft, "ct");
	static const uint32_t none;

	nft_set_u32(e, NFTNL_EXPR_CT_KEY, NFT_CT_STATE);
	nft_set_u32(e, NFTNL_EXPR_CT_DREG, NFT_REG_1);
	mask(nft, &states, sizeof states);
	compare(nft, false, &none, sizeof none);
}

void
nft_match_flow_mark(struct nft *nft, uint32_t value)
{
	struct nftnl_expr *e = nft_expression(nft, "ct");

	nft_set_u32(e, NFTNL_EXPR_CT_KEY, NFT_CT_MARK);
	nft_set_u32(e, NFTNL_EXPR_CT_DREG, NFT_REG_1);
	compare(nft, true, &value, sizeof value);
}

void
nft_match_packet_mark(struct nft *nft, uint32_t value)
{
	load_meta(nft, NFT_META_MARK);
	compare(nft, true, &value, sizeof value);
}

void
nft_match_other_packet_mark(struct nft *nft, uint32_t value)
{
	load_meta(nft, NFT_META_MARK);
	compare(nft, false, &value, sizeof value);
}

void
nft_set_flow_mark(struct nft *nft, uint32_t value)
{
	struct nftnl_expr *e = nft_expression(nft, "immediate");

	nft_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_1);
	if (e && nftnl_expr_set(e, NFTNL_EXPR_IMM_DATA, &value,
	    sizeof value) < 0)
		nft_fail(nft, ENOMEM);
	e = nft_expression(nft, "ct");
	nft_set_u32(e, NFTNL_EXPR_CT_KEY, NFT_CT_MARK);
	nft_set_u32(e, NFTNL_EXPR_CT_SREG, NFT_REG_1);
}

static void
match_route(struct nft *nft, uint32_t result, uint32_t flags, bool is_equal,
    uint32_t value)
{
	struct nftnl_expr *e = nft_expression(nft, "fib");

	nft_set_u32(e, NFTNL_EXPR_FIB_RESULT, result);
	nft_set_u32(e, NFTNL_EXPR_FIB_FLAGS, flags);
	nft_set_u32(e, NFTNL_EXPR_FIB_DREG, NFT_REG_1);
	compare(nft, is_equal, &value, sizeof value);
}

void
nft_match_foreign_source(struct nft *nft)
{
	match_route(nft, NFT_FIB_RESULT_OIF, NFTA_FIB_F_SADDR | NFTA_FIB_F_IIF,
	    true, 0);
}

void
nft_match_borrowed_source(struct nft *nft)
{
	match_route(nft, NFT_FIB_RESULT_ADDRTYPE,
	    NFTA_FIB_F_SADDR | NFTA_FIB_F_OIF, false, RTN_LOCAL);
}

void
nft_match_next_hop(struct nft *nft, sa_family_t family, const void *address)
{
	struct nftnl_expr *e;

	e = nft_expression(nft, "rt");
	nft_set_u32(e, NFTNL_EXPR_RT_KEY, family == AF_INET ? NFT_RT_NEXTHOP4 :
	    NFT_RT_NEXTHOP6);
	nft_set_u32(e, NFTNL_EXPR_RT_DREG, NFT_REG_1);
	compare(nft, false, address, address_size(family));
}

void
nft_match_flows_over(struct nft *nft, uint32_t count)
{
	struct nftnl_expr *e = nft_expression(nft, "connlimit");

	nft_set_u32(e, NFTNL_EXPR_CONNLIMIT_COUNT, count);
	nft_set_u32(e, NFTNL_EXPR_CONNLIMIT_FLAGS, NFT_CONNLIMIT_F_INV);
}

void
nft_notrack(struct nft *nft)
{
	(void)nft_expression(nft, "notrack");
}

void
nft_counter(struct nft *nft)
{
	(void)nft_expression(nft, "counter");
}

void
nft_verdict(struct nft *nft, int verdict, const char *chain)
{
	struct nftnl_expr *e = nft_expression(nft, "immediate");

	nft_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nft_set_u32(e, NFTNL_EXPR_IMM_VERDICT, (uint32_t)verdict);
	if (e && chain &&
	    nftnl_expr_set_str(e, NFTNL_EXPR_IMM_CHAIN, chain) < 0)
		nft_fail(nft, ENOMEM);
}

void
nft_reject(struct nft *nft, bool is_tcp)
{
	struct nftnl_expr *e;

	if (is_tcp)
		nft_match_protocol(nft, IPPROTO_TCP);
	e = nft_expression(nft, "reject");
	nft_set_u32(e, NFTNL_EXPR_REJECT_TYPE,
	    is_tcp ? NFT_REJECT_TCP_RST : NFT_REJECT_ICMPX_UNREACH);
	if (e && !is_tcp)
		nftnl_expr_set_u8(e, NFTNL_EXPR_REJECT_CODE,
		    NFT_REJECT_ICMPX_ADMIN_PROHIBITED);
}

void
nft_masquerade(struct nft *nft)
{
	(void)nft_expression(nft, "masq");
}

int
nft_commit(struct nft *nft, struct err *err)
{
	int r = nft->sets != NULL ? nft_commit(nft->sets, err) : 0;

	if (r < 0)
		return r;
	finish_rule(nft, NLM_F_ACK);
	if (nft->netlink.last != NULL)
		nft->netlink.last->nlmsg_flags |= NLM_F_ACK;
	if (nft->error != 0)
		return err_set(
		    err, nft->error, "no memory for the nftables transaction");
	mark_batch(nft, NFNL_MSG_BATCH_END);
	if (nft->is_removing)
		linger_begin();
	return netlink_commit(&nft->netlink, err);
}
