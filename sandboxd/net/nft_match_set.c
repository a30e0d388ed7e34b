// SPDX-License-Identifier: Apache-2.0
/* Rules that look in sets. */
#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <stdio.h>

#include <libnftnl/expr.h>

#include "sandboxd/net/nft_family.h"

static void
look_up(struct nft *nft, const char *set)
{
	struct nftnl_expr *e = nft_expression(nft, "lookup");

	nft_set_u32(e, NFTNL_EXPR_LOOKUP_SREG, NFT_REG_1);
	if (e && nftnl_expr_set_str(e, NFTNL_EXPR_LOOKUP_SET, set) < 0)
		nft_fail(nft, ENOMEM);
}

void
nft_range_name(const struct nft *nft, const char *name,
    char ret[NFT_SET_NAME_SIZE])
{
	const char form[2] = {nft->set_form};

	(void)snprintf(ret, NFT_SET_NAME_SIZE, "%s%s", name, form);
}

void
nft_match_ports(struct nft *nft, const char *set)
{
	char name[NFT_SET_NAME_SIZE];

	nft_range_name(nft, set, name);
	nft_load_payload(
	    nft, NFT_PAYLOAD_TRANSPORT_HEADER, 2, sizeof(uint16_t));
	look_up(nft, name);
}

static void
load_destination(struct nft *nft, sa_family_t family)
{
	nft_match_family(nft, family);
	nft_load_payload(nft, NFT_PAYLOAD_NETWORK_HEADER,
	    nft_destination_offset(family), nft_address_size(family));
}

void
nft_match_timed(struct nft *nft, sa_family_t family, const char *set)
{
	char name[NFT_SET_NAME_SIZE];

	nft_family_name(set, family, name);
	load_destination(nft, family);
	look_up(nft, name);
}

void
nft_match_destination(struct nft *nft, sa_family_t family, const char *set)
{
	char of_family[NFT_SET_NAME_SIZE], name[NFT_SET_NAME_SIZE];

	nft_family_name(set, family, of_family);
	nft_range_name(nft, of_family, name);
	load_destination(nft, family);
	look_up(nft, name);
}

void
nft_match_protocols(struct nft *nft, const char *set)
{
	struct nftnl_expr *e = nft_expression(nft, "meta");

	nft_set_u32(e, NFTNL_EXPR_META_KEY, NFT_META_L4PROTO);
	nft_set_u32(e, NFTNL_EXPR_META_DREG, NFT_REG_1);
	look_up(nft, set);
}
