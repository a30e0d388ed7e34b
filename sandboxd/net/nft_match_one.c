// SPDX-License-Identifier: Apache-2.0
/* Rules that say by themselves what they match, and look in no set. */
#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <stdio.h> /* which libnftnl/expr.h needs */
#include <string.h>

#include <libnftnl/expr.h>

#include "sandboxd/net/nft_family.h"

#define BYTE_BITS 8

static void
put(struct nft *nft, struct nftnl_expr *expression, uint16_t attribute,
    const void *data, uint32_t size)
{
	if (expression != NULL && nftnl_expr_set(expression, attribute, data,
	    size) < 0)
		nft_fail(nft, ENOMEM);
}

static void
match_equal(struct nft *nft, const void *data, uint32_t size)
{
	struct nftnl_expr *e = nft_expression(nft, "cmp");

	nft_set_u32(e, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
	nft_set_u32(e, NFTNL_EXPR_CMP_OP, NFT_CMP_EQ);
	put(nft, e, NFTNL_EXPR_CMP_DATA, data, size);
}

/* What is loaded, but for the bits of its last byte that are beyond. */
static void
cut_to(struct nft *nft, uint32_t size, unsigned n_bits)
{
	static const uint8_t none[sizeof(struct in6_addr)];
	struct nftnl_expr *e = nft_expression(nft, "bitwise");
	uint8_t bits[sizeof none];

	memset(bits, 0xff, sizeof bits);
	bits[size - 1] = (uint8_t)(0xff << (size * BYTE_BITS - n_bits));
	nft_set_u32(e, NFTNL_EXPR_BITWISE_SREG, NFT_REG_1);
	nft_set_u32(e, NFTNL_EXPR_BITWISE_DREG, NFT_REG_1);
	nft_set_u32(e, NFTNL_EXPR_BITWISE_LEN, size);
	put(nft, e, NFTNL_EXPR_BITWISE_MASK, bits, size);
	put(nft, e, NFTNL_EXPR_BITWISE_XOR, none, size);
}

/* No more of the address is looked at than the prefix has. */
void
nft_match_prefix(struct nft *nft, const struct prefix *prefix)
{
	const uint32_t size = (prefix->length + BYTE_BITS - 1) / BYTE_BITS;
	uint8_t address[sizeof prefix->address];

	nft_match_family(nft, prefix->family);
	if (size == 0)
		return;
	memcpy(address, prefix->address, sizeof address);
	nft_load_payload(nft, NFT_PAYLOAD_NETWORK_HEADER,
	    nft_destination_offset(prefix->family), size);
	if (prefix->length % BYTE_BITS != 0) {
		cut_to(nft, size, prefix->length);
		address[size - 1] &= (uint8_t)(0xff <<
		    (size * BYTE_BITS - prefix->length));
	}
	match_equal(nft, address, size);
}

void
nft_match_port_range(struct nft *nft, const struct nft_ports *ports)
{
	const uint16_t first = htons(ports->first), last = htons(ports->last);
	struct nftnl_expr *e;

	if (first == last) {
		nft_match_dport(nft, ports->first);
		return;
	}
	nft_load_payload(nft, NFT_PAYLOAD_TRANSPORT_HEADER, 2, sizeof first);
	e = nft_expression(nft, "range");
	nft_set_u32(e, NFTNL_EXPR_RANGE_SREG, NFT_REG_1);
	nft_set_u32(e, NFTNL_EXPR_RANGE_OP, NFT_RANGE_EQ);
	put(nft, e, NFTNL_EXPR_RANGE_FROM_DATA, &first, sizeof first);
	put(nft, e, NFTNL_EXPR_RANGE_TO_DATA, &last, sizeof last);
}
