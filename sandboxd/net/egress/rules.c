// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/egress/rules.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "sandboxd/net/egress/always.h"
#include "sandboxd/net/egress/encrypted_dns.h"
#include "sandboxd/net/egress/told.h"

#define SET_REFUSED "refused"

/* What passes: to another chain, or out. */
static void
pass(struct nft *nft, const char *next)
{
	nft_verdict(nft, next != NULL ? NFT_GOTO : NF_ACCEPT, next);
}

bool
egress_has_resolver(const struct egress_host *host, sa_family_t family)
{
	for (size_t i = 0; i < host->n_resolvers; i++)
		if (host->resolvers[i].family == family)
			return true;
	return false;
}

static void
add_sets(struct nft *nft, const struct egress_host *host)
{
	static struct prefix refused[ALWAYS_REFUSED_MAX];

	nft_sets(nft, SET_REFUSED, refused, always_refused(host, refused));
	if (host->n_resolvers > 0)
		nft_sets(nft, EGRESS_SET_RESOLVERS, host->resolvers,
		    host->n_resolvers);
}

static const sa_family_t families[] = {AF_INET, AF_INET6};

static void
add_refused(struct nft *nft)
{
	for (size_t i = 0; i < 2; i++) {
		nft_rule(nft, EGRESS_CHAIN_DESTINATION);
		nft_match_destination(nft, families[i], SET_REFUSED);
		nft_verdict(nft, NFT_GOTO, EGRESS_CHAIN_REFUSE);
	}
}

static void
add_resolvers(struct nft *nft, const struct egress_host *host)
{
	for (size_t i = 0; i < 2; i++) {
		if (!egress_has_resolver(host, families[i]))
			continue;
		nft_rule(nft, EGRESS_CHAIN_DESTINATION);
		nft_match_destination(nft, families[i], EGRESS_SET_RESOLVERS);
		nft_verdict(nft, NFT_JUMP, EGRESS_CHAIN_DNS);
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
	add_resolvers(nft, host);
	add_refused(nft);
	if (!host->is_smtp_open)
		add_smtp(nft);
	if (is_dns_closed)
		encrypted_dns_add_rules(nft, EGRESS_CHAIN_DESTINATION);
	nft_rule(nft, EGRESS_CHAIN_DESTINATION);
	pass(nft, next);
}
