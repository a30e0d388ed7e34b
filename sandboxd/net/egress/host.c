// SPDX-License-Identifier: Apache-2.0
/* The lock in the host's namespace: what is true for every sandbox. */
#include "sandboxd/net/egress/egress.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_ipv4.h>
#include <sodium.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "sandboxd/net/egress/always.h"
#include "sandboxd/net/egress/encrypted_dns.h"
#include "sandboxd/net/egress/flows.h"
#include "sandboxd/net/egress/rules.h"
#include "sandboxd/net/egress/totals.h"
#include "sandboxd/net/nft_list.h"

static const sa_family_t families[] = {AF_INET, AF_INET6};

static void
match_from_sandbox(struct nft *nft, const struct egress_host *host)
{
	nft_match_link(
	    nft, NFT_META_IIFNAME, host->range.link_prefix, false, true);
}

static void
match_to_sandbox(struct nft *nft, const struct egress_host *host, bool is)
{
	nft_match_link(
	    nft, NFT_META_OIFNAME, host->range.link_prefix, false, is);
}

/* A source that would not be answered by the link it came from is forged. */
static void
add_anti_spoof(struct nft *nft, const struct egress_host *host)
{
	nft_base_chain(nft, "prerouting", "filter", NF_INET_PRE_ROUTING,
	    NF_IP_PRI_RAW, NF_ACCEPT);
	nft_rule(nft, "prerouting");
	match_from_sandbox(nft, host);
	nft_match_foreign_source(nft);
	nft_counter(nft);
	nft_verdict(nft, NF_DROP, NULL);
}

/* To the host itself: DNS where the host is the resolver, nothing else. */
static void
add_input(struct nft *nft, const struct egress_host *host)
{
	nft_base_chain(nft, "input", "filter", NF_INET_LOCAL_IN,
	    NF_IP_PRI_FILTER, NF_ACCEPT);
	for (size_t i = 0; i < 2; i++) {
		if (!egress_has_resolver(host, families[i]))
			continue;
		nft_rule(nft, "input");
		match_from_sandbox(nft, host);
		nft_match_destination(nft, families[i], EGRESS_SET_RESOLVERS);
		nft_verdict(nft, NFT_JUMP, EGRESS_CHAIN_DNS);
	}
	nft_rule(nft, "input");
	match_from_sandbox(nft, host);
	nft_verdict(nft, NFT_GOTO, EGRESS_CHAIN_REFUSE);
}

/*
 * What gateway-resolver holds to ask the resolvers is marked, and reaches
 * nobody else: a socket can send elsewhere than it is connected to.
 */
static void
add_output(struct nft *nft, const struct egress_host *host)
{
	const uint32_t mark = egress_resolver_mark(host);

	nft_base_chain(nft, "output", "filter", NF_INET_LOCAL_OUT,
	    NF_IP_PRI_FILTER, NF_ACCEPT);
	for (size_t i = 0; i < 2; i++) {
		if (!egress_has_resolver(host, families[i]))
			continue;
		nft_rule(nft, "output");
		nft_match_packet_mark(nft, mark);
		nft_match_destination(nft, families[i], EGRESS_SET_RESOLVERS);
		nft_verdict(nft, NFT_JUMP, EGRESS_CHAIN_DNS);
	}
	nft_rule(nft, "output");
	nft_match_packet_mark(nft, mark);
	nft_verdict(nft, NFT_GOTO, EGRESS_CHAIN_REFUSE);
}

static void
add_forward(struct nft *nft, const struct egress_host *host)
{
	nft_base_chain(nft, "forward", "filter", NF_INET_FORWARD,
	    NF_IP_PRI_FILTER, NF_ACCEPT);
	/* Sandbox to sandbox. */
	nft_rule(nft, "forward");
	match_from_sandbox(nft, host);
	match_to_sandbox(nft, host, true);
	nft_verdict(nft, NFT_GOTO, EGRESS_CHAIN_REFUSE);
	/* Out. */
	nft_rule(nft, "forward");
	match_from_sandbox(nft, host);
	nft_verdict(nft, NFT_GOTO, EGRESS_CHAIN_DESTINATION);
	/* In: only what answers. */
	nft_rule(nft, "forward");
	match_to_sandbox(nft, host, true);
	nft_match_state(nft, NF_CT_STATE_BIT(IP_CT_ESTABLISHED) |
				 NF_CT_STATE_BIT(IP_CT_RELATED));
	nft_verdict(nft, NF_ACCEPT, NULL);
	nft_rule(nft, "forward");
	match_to_sandbox(nft, host, true);
	nft_verdict(nft, NFT_GOTO, EGRESS_CHAIN_REFUSE);
}

static void
add_masquerade(struct nft *nft, const struct egress_host *host)
{
	struct prefix range[ALWAYS_RANGES];

	nft_base_chain(nft, "postrouting", "nat", NF_INET_POST_ROUTING,
	    NF_IP_PRI_NAT_SRC, NF_ACCEPT);
	always_range(&host->range, range);
	for (size_t i = 0; i < ALWAYS_RANGES; i++) {
		nft_rule(nft, "postrouting");
		nft_match_source(nft, &range[i]);
		match_to_sandbox(nft, host, false);
		nft_masquerade(nft);
	}
}

uint32_t
egress_resolver_mark(const struct egress_host *host)
{
	unsigned char digest[crypto_generichash_BYTES_MIN];
	uint32_t mark;

	crypto_generichash(digest, sizeof digest,
	    (const unsigned char *)host->table, strlen(host->table), NULL, 0);
	memcpy(&mark, digest, sizeof mark);
	return mark != 0 ? mark : 1;
}

/*
 * Forgets the flows that the table forbids, which is there by now. A packet
 * that the rules before have let through may still be on its way, and its flow
 * not among those that are looked at: that takes no longer than the grace
 * period which this waits for (membarrier(2)), 10 to 30 ms; on kernels with
 * cores that tick for nobody, which have no such call, for longer than one.
 */
static int
cut_forbidden(const struct egress_host *host, struct err *err)
{
	static const struct timespec longer = {.tv_nsec = 100000000};
	auto_netlink struct netlink netlink = {0};
	int r = netlink_open(NETLINK_NETFILTER, &netlink, err);

	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) < 0)
		(void)nanosleep(&longer, NULL);
	return r < 0 ? r : flows_cut_host(host, &netlink, err);
}

/*
 * A flow is judged as it begins, by the table that is there: of those that are
 * established by now it forbids none. What says something of a flow by ICMP is
 * not of one that is established.
 */
static int
trust_established(const struct egress_host *host, struct err *err)
{
	auto_nft struct nft nft = {0};
	int r = nft_open(host->table, &nft, err);

	if (r < 0)
		return r;
	nft_rule_first(&nft, "forward");
	nft_match_state(&nft, NF_CT_STATE_BIT(IP_CT_ESTABLISHED));
	nft_verdict(&nft, NF_ACCEPT, NULL);
	return nft_commit(&nft, err);
}

/* There are sandboxes whose packets the one that is there judges. */
static int
begin(const struct egress_host *host, bool is_refilled, struct nft *nft,
    struct nft *sets, struct err *err)
{
	int r = nft_open(host->table, nft, err);

	if (r == 0 && is_refilled &&
	    (r = nft_open(host->table, sets, err)) == 0)
		nft_table_refill(nft, sets);
	else if (r == 0)
		nft_table_replace(nft);
	return r;
}

static int
install(const struct egress_host *host, bool is_refilled, struct err *err)
{
	auto_nft struct nft sets = {0};
	auto_nft struct nft nft = {0};
	int r = begin(host, is_refilled, &nft, &sets, err);

	if (r < 0)
		return r;
	egress_add_rules(&nft, host, NULL, encrypted_dns_is_closed(host,
	    NULL));
	add_anti_spoof(&nft, host);
	add_input(&nft, host);
	add_output(&nft, host);
	add_forward(&nft, host);
	add_masquerade(&nft, host);
	return nft_commit(&nft, err);
}

int
egress_host_install(const struct egress_host *host, struct err *err)
{
	int r = nft_table_exists(host->table, err);

	if (r >= 0)
		r = install(host, r > 0, err);
	/* Another version's chains are at other hooks. */
	if (r == -EEXIST)
		r = install(host, false, err);
	if (r == 0)
		r = cut_forbidden(host, err);
	if (r == 0)
		r = trust_established(host, err);
	return r < 0 ? err_wrap(err, "host firewall \"%s\"", host->table) : 0;
}

int
egress_host_remove(const struct egress_host *host, struct err *err)
{
	auto_nft struct nft nft = {0};
	int r;

	r = nft_open(host->table, &nft, err);
	if (r < 0)
		return r;
	nft_table_remove(&nft);
	r = nft_commit(&nft, err);
	if (r == 0)
		r = totals_remove(host, err);
	return r < 0 ? err_wrap(err, "host firewall \"%s\"", host->table) : 0;
}

int
egress_host_exists(const struct egress_host *host, struct err *err)
{
	return nft_table_exists(host->table, err);
}
