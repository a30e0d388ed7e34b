// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/egress/rules.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "sandboxd/net/egress/always.h"
#include "sandboxd/net/egress/encrypted_dns.h"
#include "sandboxd/net/egress/told.h"

/* What passes: to another chain, or out. */
static void
pass(struct nft *nft, const char *next)
{
	nft_verdict(nft, next != NULL ? NFT_GOTO : NF_ACCEPT, next);
}

static void
add_sets(struct nft *nft, const struct egress_host *host)
{
	struct prefix prefixes[ALWAYS_PREFIXES_MAX];
	size_t n = always_never(host, prefixes);

	nft_sets(nft, "never", prefixes, n);
	n = always_private(prefixes);
	nft_sets(nft, "private", prefixes, n);
	nft_sets(nft, "resolver", host->resolvers, host->n_resolvers);
	nft_sets(
	    nft, "allowed", host->allowed_private, host->n_allowed_private);
}

static void
add_destination(
    struct nft *nft, const char *set, int verdict, const char *chain)
{
	static const sa_family_t families[] = {AF_INET, AF_INET6};

	for (size_t i = 0; i < 2; i++) {
		nft_rule(nft, EGRESS_CHAIN_DESTINATION);
		nft_match_destination(nft, families[i], set);
		nft_verdict(nft, verdict, chain);
	}
}

static void
add_dns(struct nft *nft, uint8_t protocol, const char *next)
{
	nft_rule(nft, EGRESS_CHAIN_DNS);
	nft_match_protocol(nft, protocol);
	nft_match_dport(nft, ALWAYS_DNS_PORT);
	pass(nft, next);
}

/* What came in is no wish of the sandbox's. */
static void
add_tell(struct nft *nft)
{
	told_add_rules(nft);
	nft_rule(nft, EGRESS_CHAIN_REFUSE);
	nft_match_other_packet_mark(nft, TOLD_INBOUND);
	nft_verdict(nft, NFT_JUMP, TOLD_CHAIN);
}

static void
add_refuse(struct nft *nft, bool is_told)
{
	nft_rule(nft, EGRESS_CHAIN_REFUSE);
	nft_counter(nft);
	if (is_told)
		add_tell(nft);
	nft_rule(nft, EGRESS_CHAIN_REFUSE);
	nft_reject(nft, true);
	nft_rule(nft, EGRESS_CHAIN_REFUSE);
	nft_reject(nft, false);
}

static void
add_smtp(struct nft *nft)
{
	nft_rule(nft, EGRESS_CHAIN_DESTINATION);
	nft_match_protocol(nft, IPPROTO_TCP);
	nft_match_dport(nft, ALWAYS_SMTP_PORT);
	nft_verdict(nft, NFT_GOTO, EGRESS_CHAIN_REFUSE);
}

void
egress_add_rules(struct nft *nft, const struct egress_host *host,
    const char *next, bool is_dns_closed)
{
	add_sets(nft, host);
	nft_chain(nft, EGRESS_CHAIN_REFUSE);
	nft_chain(nft, EGRESS_CHAIN_DNS);
	nft_chain(nft, EGRESS_CHAIN_DESTINATION);
	add_refuse(nft, next != NULL);
	add_dns(nft, IPPROTO_UDP, next);
	add_dns(nft, IPPROTO_TCP, next);
	add_destination(nft, "resolver", NFT_JUMP, EGRESS_CHAIN_DNS);
	add_destination(nft, "never", NFT_GOTO, EGRESS_CHAIN_REFUSE);
	if (!host->is_smtp_open)
		add_smtp(nft);
	if (is_dns_closed)
		encrypted_dns_add_rules(nft, EGRESS_CHAIN_DESTINATION);
	add_destination(nft, "allowed", next != NULL ? NFT_GOTO : NF_ACCEPT,
	    next);
	add_destination(nft, "private", NFT_GOTO, EGRESS_CHAIN_REFUSE);
	nft_rule(nft, EGRESS_CHAIN_DESTINATION);
	pass(nft, next);
}
