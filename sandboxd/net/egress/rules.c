// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/egress/rules.h"

#include <assert.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#define DNS_PORT       53
#define DENIED_MAX     24
#define RANGE_PREFIXES 2

/*
 * Refused whatever the configuration allows: addresses that mean this host,
 * this link (where clouds serve credentials), many hosts, or, written in IPv6,
 * an IPv4 address that would not be looked at.
 */
static const char *const never[] = {
    "0.0.0.0/8",      /* this network */
    "127.0.0.0/8",    /* loopback */
    "169.254.0.0/16", /* link-local, metadata services */
    "192.88.99.0/24", /* 6to4 relays */
    "224.0.0.0/4",    /* multicast */
    "240.0.0.0/4",    /* reserved, broadcast */
    "::/96",          /* unspecified, loopback, IPv4-compatible */
    "::ffff:0:0/96",  /* IPv4-mapped */
    "100::/64",       /* discard */
    "2001::/32",      /* Teredo */
    "2002::/16",      /* 6to4 */
    "fe80::/9",       /* link-local, and site-local of old */
    "ff00::/8",       /* multicast */
};

/*
 * Refused unless allowed: networks that are somebody's inside. The
 * documentation ranges (192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24,
 * 2001:db8::/32) are not among them: they name nobody's inside.
 */
static const char *const private[] = {
    "10.0.0.0/8",
    "100.64.0.0/10", /* carriers' */
    "172.16.0.0/12",
    "192.0.0.0/24",  /* protocol assignments, metadata of some */
    "192.168.0.0/16",
    "198.18.0.0/15", /* benchmarking, labs */
    "64:ff9b::/96",  /* NAT64 may lead to any of the above */
    "64:ff9b:1::/48",
    "fc00::/7",
};

static struct prefix
parse_denied(const char *denied)
{
	struct prefix prefix;
	int r = prefix_parse(denied, &prefix);

	assert(r == 0);
	return prefix;
}

void
egress_range_prefixes(const struct net_range *range, struct prefix ret[2])
{
	memset(ret, 0, RANGE_PREFIXES * sizeof *ret);
	ret[0].family = AF_INET;
	ret[0].length = range->prefix;
	memcpy(ret[0].address, &range->base, sizeof range->base);
	ret[1].family = AF_INET6;
	ret[1].length = 64;
	memcpy(ret[1].address, &range->base6, sizeof range->base6);
}

static void
add_denied_sets(struct nft *nft, const struct egress_host *host)
{
	struct prefix prefixes[DENIED_MAX];
	size_t n = 0;

	for (; n < sizeof never / sizeof *never; n++)
		prefixes[n] = parse_denied(never[n]);
	/* The range itself, so that no allowance opens it from inside. */
	egress_range_prefixes(&host->range, prefixes + n);
	n += RANGE_PREFIXES;
	assert(n <= DENIED_MAX);
	nft_sets(nft, "never", prefixes, n);
	for (n = 0; n < sizeof private / sizeof *private; n++)
		prefixes[n] = parse_denied(private[n]);
	nft_sets(nft, "private", prefixes, n);
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
add_dns(struct nft *nft, uint8_t protocol)
{
	nft_rule(nft, EGRESS_CHAIN_DNS);
	nft_match_protocol(nft, protocol);
	nft_match_dport(nft, DNS_PORT);
	nft_verdict(nft, NF_ACCEPT, NULL);
}

void
egress_add_rules(struct nft *nft, const struct egress_host *host)
{
	add_denied_sets(nft, host);
	nft_sets(nft, "resolver", host->resolvers, host->n_resolvers);
	nft_sets(
	    nft, "allowed", host->allowed_private, host->n_allowed_private);
	nft_chain(nft, EGRESS_CHAIN_REFUSE);
	nft_chain(nft, EGRESS_CHAIN_DNS);
	nft_chain(nft, EGRESS_CHAIN_DESTINATION);

	nft_rule(nft, EGRESS_CHAIN_REFUSE);
	nft_counter(nft);
	nft_rule(nft, EGRESS_CHAIN_REFUSE);
	nft_reject(nft, true);
	nft_rule(nft, EGRESS_CHAIN_REFUSE);
	nft_reject(nft, false);

	add_dns(nft, IPPROTO_UDP);
	add_dns(nft, IPPROTO_TCP);

	add_destination(nft, "resolver", NFT_JUMP, EGRESS_CHAIN_DNS);
	add_destination(nft, "never", NFT_GOTO, EGRESS_CHAIN_REFUSE);
	add_destination(nft, "allowed", NF_ACCEPT, NULL);
	add_destination(nft, "private", NFT_GOTO, EGRESS_CHAIN_REFUSE);
	nft_rule(nft, EGRESS_CHAIN_DESTINATION);
	nft_verdict(nft, NF_ACCEPT, NULL);
}
