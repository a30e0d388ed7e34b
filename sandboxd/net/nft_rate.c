// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/nft_rate.h"

#include <errno.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <stdio.h> /* which libnftnl/expr.h needs */

#include <libnftnl/expr.h>

#include "sandboxd/net/nft_of.h"

static void
match_over(struct nft *nft, uint32_t type, uint64_t per_second,
    uint32_t burst)
{
	struct nftnl_expr *e = nft_expression(nft, "limit");

	if (e == NULL)
		return;
	nftnl_expr_set_u64(e, NFTNL_EXPR_LIMIT_RATE, per_second);
	nftnl_expr_set_u64(e, NFTNL_EXPR_LIMIT_UNIT, 1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_LIMIT_BURST, burst);
	nftnl_expr_set_u32(e, NFTNL_EXPR_LIMIT_TYPE, type);
	nftnl_expr_set_u32(e, NFTNL_EXPR_LIMIT_FLAGS, NFT_LIMIT_F_INV);
}

void
nft_match_packets_over(struct nft *nft, uint64_t per_second, uint32_t burst)
{
	match_over(nft, NFT_LIMIT_PKTS, per_second, burst);
}

void
nft_match_bytes_over(struct nft *nft, uint64_t per_second, uint32_t burst)
{
	match_over(nft, NFT_LIMIT_PKT_BYTES, per_second, burst);
}

void
nft_match_first_packet(struct nft *nft)
{
	static const uint32_t bits = IPS_CONFIRMED, none = 0;
	struct nftnl_expr *e = nft_expression(nft, "ct");

	nft_set_u32(e, NFTNL_EXPR_CT_KEY, NFT_CT_STATUS);
	nft_set_u32(e, NFTNL_EXPR_CT_DREG, NFT_REG_1);
	e = nft_expression(nft, "bitwise");
	nft_set_u32(e, NFTNL_EXPR_BITWISE_SREG, NFT_REG_1);
	nft_set_u32(e, NFTNL_EXPR_BITWISE_DREG, NFT_REG_1);
	nft_set_u32(e, NFTNL_EXPR_BITWISE_LEN, sizeof bits);
	if (e && (nftnl_expr_set(e, NFTNL_EXPR_BITWISE_MASK, &bits,
	    sizeof bits) < 0 || nftnl_expr_set(e, NFTNL_EXPR_BITWISE_XOR,
	    &none, sizeof none) < 0))
		nft_fail(nft, ENOMEM);
	e = nft_expression(nft, "cmp");
	nft_set_u32(e, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
	nft_set_u32(e, NFTNL_EXPR_CMP_OP, NFT_CMP_EQ);
	if (e && nftnl_expr_set(e, NFTNL_EXPR_CMP_DATA, &none,
	    sizeof none) < 0)
		nft_fail(nft, ENOMEM);
}
