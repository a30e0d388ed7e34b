// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/nft_look.h"

#include <errno.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <stdio.h> /* which libnftnl/expr.h needs */

#include <libnftnl/expr.h>

#include "sandboxd/net/nft_of.h"

static void
put(struct nft *nft, struct nftnl_expr *expression, uint16_t attribute,
    const void *data, uint32_t size)
{
	if (expression != NULL && nftnl_expr_set(expression, attribute, data,
	    size) < 0)
		nft_fail(nft, ENOMEM);
}

static void
compare(struct nft *nft, uint32_t how, const void *data, uint32_t size)
{
	struct nftnl_expr *e = nft_expression(nft, "cmp");

	nft_set_u32(e, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
	nft_set_u32(e, NFTNL_EXPR_CMP_OP, how);
	put(nft, e, NFTNL_EXPR_CMP_DATA, data, size);
}

void
nft_redirect(struct nft *nft, uint16_t port)
{
	struct nftnl_expr *e = nft_expression(nft, "immediate");
	const uint16_t number = htons(port);

	nft_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_1);
	put(nft, e, NFTNL_EXPR_IMM_DATA, &number, sizeof number);
	e = nft_expression(nft, "redir");
	nft_set_u32(e, NFTNL_EXPR_REDIR_REG_PROTO_MIN, NFT_REG_1);
}

void
nft_match_redirected(struct nft *nft)
{
	static const uint32_t bit = IPS_DST_NAT, none;
	struct nftnl_expr *e = nft_expression(nft, "ct");

	nft_set_u32(e, NFTNL_EXPR_CT_KEY, NFT_CT_STATUS);
	nft_set_u32(e, NFTNL_EXPR_CT_DREG, NFT_REG_1);
	e = nft_expression(nft, "bitwise");
	nft_set_u32(e, NFTNL_EXPR_BITWISE_SREG, NFT_REG_1);
	nft_set_u32(e, NFTNL_EXPR_BITWISE_DREG, NFT_REG_1);
	nft_set_u32(e, NFTNL_EXPR_BITWISE_LEN, sizeof bit);
	put(nft, e, NFTNL_EXPR_BITWISE_MASK, &bit, sizeof bit);
	put(nft, e, NFTNL_EXPR_BITWISE_XOR, &none, sizeof none);
	compare(nft, NFT_CMP_NEQ, &none, sizeof none);
}

void
nft_match_from_port(struct nft *nft, uint16_t port)
{
	const uint16_t number = htons(port);
	struct nftnl_expr *e;

	nft_match_protocol(nft, IPPROTO_TCP);
	e = nft_expression(nft, "payload");
	nft_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, NFT_PAYLOAD_TRANSPORT_HEADER);
	nft_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, 0);
	nft_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, sizeof number);
	nft_set_u32(e, NFTNL_EXPR_PAYLOAD_DREG, NFT_REG_1);
	compare(nft, NFT_CMP_EQ, &number, sizeof number);
}
