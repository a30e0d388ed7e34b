// SPDX-License-Identifier: Apache-2.0
/*
 * The lock in a sandbox's own namespace, which the host's user namespace owns:
 * its root can neither change nor list it.
 */
#include "sandboxd/net/egress/egress.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_ipv4.h>

#include "common/fd.h"
#include "sandboxd/host/shared.h"
#include "sandboxd/net/egress/encrypted_dns.h"
#include "sandboxd/net/egress/flows.h"
#include "sandboxd/net/egress/limits.h"
#include "sandboxd/net/egress/marker.h"
#include "sandboxd/net/egress/look_rules.h"
#include "sandboxd/net/egress/names.h"
#include "sandboxd/net/egress/policy_rules.h"
#include "sandboxd/net/egress/rules.h"
#include "sandboxd/net/egress/told.h"
#include "sandboxd/net/net.h"
#include "sandboxd/net/netns.h"
#include "sandboxd/net/shape.h"

/* Flows of a sandbox with itself would fill the host's one table. */
static void
add_untracked(struct nft *nft, const struct policy *policy)
{
	nft_base_chain(nft, "untracked_in", "filter", NF_INET_PRE_ROUTING,
	    NF_IP_PRI_RAW, NF_ACCEPT);
	nft_rule(nft, "untracked_in");
	nft_match_link(nft, NFT_META_IIFNAME, "lo", true, true);
	nft_notrack(nft);
	nft_base_chain(nft, "untracked_out", "filter", NF_INET_LOCAL_OUT,
	    NF_IP_PRI_RAW, NF_ACCEPT);
	look_add_tracked(nft, "untracked_out", policy);
	nft_rule(nft, "untracked_out");
	nft_match_link(nft, NFT_META_OIFNAME, "lo", true, true);
	nft_notrack(nft);
}

/*
 * What says less, or more, than the rules below look at: a piece of a packet,
 * which has no ports (pieces are put together before they come here, unless a
 * socket asked that they are not), and a way by others, whose end they do not
 * see.
 */
static void
add_disguises(struct nft *nft)
{
	static void (*const matches[])(struct nft *nft) = {
	    nft_match_fragment, nft_match_options, nft_match_routing_header};

	for (size_t i = 0; i < sizeof matches / sizeof *matches; i++) {
		nft_rule(nft, "output");
		matches[i](nft);
		nft_counter(nft);
		nft_verdict(nft, NF_DROP, NULL);
	}
}

/*
 * A socket can make any address its neighbour (SO_DONTROUTE), and neighbours
 * are counted for the whole host.
 */
static void
add_next_hop(struct nft *nft)
{
	struct in_addr gateway;
	struct in6_addr gateway6;

	(void)inet_pton(AF_INET, NET_GATEWAY, &gateway);
	(void)inet_pton(AF_INET6, NET_GATEWAY6, &gateway6);
	nft_rule(nft, "output");
	nft_match_next_hop(nft, AF_INET, &gateway);
	nft_counter(nft);
	nft_verdict(nft, NF_DROP, NULL);
	nft_rule(nft, "output");
	nft_match_next_hop(nft, AF_INET6, &gateway6);
	nft_counter(nft);
	nft_verdict(nft, NF_DROP, NULL);
}

/* So are flows. */
static void
add_flow_limit(struct nft *nft)
{
	nft_rule(nft, "output");
	nft_match_state(nft, NF_CT_STATE_BIT(IP_CT_NEW));
	nft_match_flows_over(nft, shared_flows());
	nft_counter(nft);
	nft_set_packet_mark(nft, TOLD_FLOWS);
	nft_verdict(nft, NFT_GOTO, EGRESS_CHAIN_REFUSE);
}

static void
add_output(struct nft *nft, const struct policy *policy)
{
	nft_base_chain(nft, "output", "filter", NF_INET_LOCAL_OUT,
	    NF_IP_PRI_FILTER, NF_ACCEPT);
	look_add_output(nft, "output", policy);
	nft_rule(nft, "output");
	nft_match_link(nft, NFT_META_OIFNAME, "lo", true, true);
	nft_verdict(nft, NF_ACCEPT, NULL);
	nft_rule(nft, "output");
	nft_match_borrowed_source(nft);
	nft_counter(nft);
	nft_verdict(nft, NF_DROP, NULL);
	add_next_hop(nft);
	add_disguises(nft);
	add_flow_limit(nft);
	nft_rule(nft, "output");
	nft_verdict(nft, NFT_GOTO, EGRESS_CHAIN_DESTINATION);
}

static void
add_input(struct nft *nft)
{
	nft_base_chain(nft, "input", "filter", NF_INET_LOCAL_IN,
	    NF_IP_PRI_FILTER, NF_ACCEPT);
	nft_rule(nft, "input");
	nft_match_link(nft, NFT_META_IIFNAME, "lo", true, true);
	nft_verdict(nft, NF_ACCEPT, NULL);
	nft_rule(nft, "input");
	nft_match_state(nft, NF_CT_STATE_BIT(IP_CT_ESTABLISHED) |
				 NF_CT_STATE_BIT(IP_CT_RELATED));
	nft_verdict(nft, NF_ACCEPT, NULL);
	nft_rule(nft, "input");
	nft_set_packet_mark(nft, TOLD_INBOUND);
	nft_verdict(nft, NFT_GOTO, EGRESS_CHAIN_REFUSE);
	/* A sandbox is nobody's router. */
	nft_base_chain(nft, "forward", "filter", NF_INET_FORWARD,
	    NF_IP_PRI_FILTER, NF_DROP);
}

/* What a table is to say beside what all do; ceiling NULL: there is none. */
struct wanted {
	const struct egress_host *host;
	const struct policy *policy, *ceiling;
	const char *link; /* the host's end */
	char marker[MARKER_SIZE];
	struct limits_plan limits;
};

enum beginning { BEGIN_NEW, BEGIN_REFILL, BEGIN_REPLACE };

static int
begin(enum beginning how, struct nft *nft, struct nft *sets, struct err *err)
{
	int r;

	switch (how) {
	case BEGIN_NEW:
		nft_table_new(nft);
		return 0;
	case BEGIN_REPLACE:
		nft_table_replace(nft);
		return 0;
	case BEGIN_REFILL:
		r = nft_open(nft->table, sets, err);
		if (r == 0)
			nft_table_refill(nft, sets);
		return r;
	}
	return 0;
}

static int
install_table(const struct wanted *wanted, const struct names_kept *kept,
    enum beginning how, struct err *err)
{
	const bool is_narrowed = wanted->ceiling != NULL;
	auto_nft struct nft sets = {0};
	auto_nft struct nft nft = {0};
	int r;

	r = nft_open(wanted->host->table, &nft, err);
	if (r == 0)
		r = begin(how, &nft, &sets, err);
	if (r < 0)
		return r;
	nft_chain(&nft, wanted->marker);
	nft_chain(&nft, POLICY_CHAIN);
	if (is_narrowed)
		nft_chain(&nft, CEILING_CHAIN);
	egress_add_rules(&nft, wanted->host,
	    is_narrowed ? CEILING_CHAIN : POLICY_CHAIN,
	    encrypted_dns_is_closed(wanted->host, wanted->policy));
	names_add_sets(&nft, wanted->policy, kept);
	policy_add_rules(&nft, wanted->policy);
	if (is_narrowed)
		policy_add_ceiling(&nft, wanted->ceiling);
	look_add_chain(&nft, wanted->policy);
	add_untracked(&nft, wanted->policy);
	add_output(&nft, wanted->policy);
	add_input(&nft);
	limits_add(&wanted->limits, &nft);
	return nft_commit(&nft, err);
}

/* Where the policies are what they should be. */
static int
install_limits(const struct wanted *wanted, struct err *err)
{
	auto_nft struct nft nft = {0};
	int r = nft_open(wanted->host->table, &nft, err);

	if (r < 0)
		return r;
	limits_add(&wanted->limits, &nft);
	return nft_commit(&nft, err);
}

/* What names led to they lead to, by the new policy as by the old. */
static int
replace_here(const struct wanted *wanted, struct err *err)
{
	auto_free struct names_kept *kept = NULL;
	int r = names_keep(wanted->host, wanted->policy, &kept, err);

	if (r == 0)
		r = install_table(wanted, kept, BEGIN_REFILL, err);
	/* Another version's chains are at other hooks. */
	if (r == -EEXIST)
		r = install_table(wanted, kept, BEGIN_REPLACE, err);
	return r;
}

/* Where one is: the end that sends what leaves it, and, without netns_fd, the
 * one that sends what comes to it. */
static const char *
link_of(const struct wanted *wanted, int netns_fd)
{
	return netns_fd < 0 ? wanted->link : NET_SANDBOX_LINK;
}

static int
set_rate(const struct wanted *wanted, int netns_fd, uint64_t bytes_per_second,
    struct err *err)
{
	int home_fd = -1, r = 0;

	if (bytes_per_second == 0 && !wanted->limits.had_any)
		return 0;
	if (netns_fd >= 0)
		r = netns_enter(netns_fd, &home_fd, err);
	if (r < 0)
		return r;
	if (bytes_per_second == 0)
		r = shape_none(link_of(wanted, netns_fd), err);
	else
		r = shape_link(link_of(wanted, netns_fd), bytes_per_second,
		    err);
	if (netns_fd >= 0)
		netns_leave(&home_fd);
	return r;
}

static int
set_rates(const struct wanted *wanted, int netns_fd, struct err *err)
{
	const struct limits_plan *limits = &wanted->limits;
	int r = set_rate(wanted, netns_fd, limits->out_bytes_per_second, err);

	return r < 0 ? r : set_rate(wanted, -1, limits->in_bytes_per_second,
	    err);
}

/* There are tables: what of them says something else. The caller is there. */
static int
replace_other(const struct wanted *wanted, int changes, struct err *err)
{
	const struct egress_host *host = wanted->host;
	int r = nft_chain_exists(host->table, wanted->marker, err);

	if (r == 0)
		r = replace_here(wanted, err);
	else if (r > 0 && changes > 0)
		r = install_limits(wanted, err);
	if (r >= 0)
		r = names_own_resolvers(host, policy_has_names(wanted->policy),
		    err);
	/* Also where it is right: who was killed may have got no further. */
	return r < 0 ? r : flows_cut(host, wanted->policy, wanted->ceiling,
	    err);
}

/*
 * In a namespace that has no table yet: 1. Else 0, and *ret_changes says
 * whether its limits are others. It is looked for, as one that is made in vain
 * waits for a grace period.
 */
static int
install_new(struct wanted *wanted, int netns_fd, int *ret_changes,
    struct err *err)
{
	int home_fd = -1, r = netns_enter(netns_fd, &home_fd, err);

	if (r < 0)
		return r;
	r = nft_table_exists(wanted->host->table, err);
	if (r > 0) {
		r = *ret_changes = limits_look(&wanted->limits, err);
		r = r < 0 ? r : 0;
	} else if (r == 0 &&
	    (r = install_table(wanted, NULL, BEGIN_NEW, err)) == 0) {
		r = policy_has_names(wanted->policy) ?
		    names_own_resolvers(wanted->host, true, err) : 0;
		r = r < 0 ? r : 1;
	}
	netns_leave(&home_fd);
	return r;
}

static int
replace(const struct wanted *wanted, int netns_fd, int changes,
    struct err *err)
{
	int home_fd = -1, r = netns_enter(netns_fd, &home_fd, err);

	if (r < 0)
		return r;
	r = replace_other(wanted, changes, err);
	netns_leave(&home_fd);
	return r;
}

int
egress_sandbox_install(const struct egress_host *host,
    const struct policy *policy, const struct policy *ceiling,
    const char *link, int netns_fd, struct err *err)
{
	struct wanted wanted = {.host = host, .policy = policy,
	    .ceiling = ceiling, .link = link};
	int changes = 0, is_new, r;

	marker_name(host, policy, ceiling, wanted.marker);
	limits_plan(host, policy, ceiling, &wanted.limits);
	r = is_new = install_new(&wanted, netns_fd, &changes, err);
	/* Before the tables, which say whether there is a rate to be lifted. */
	if (r >= 0)
		r = set_rates(&wanted, netns_fd, err);
	if (r >= 0 && is_new == 0)
		r = replace(&wanted, netns_fd, changes, err);
	return r < 0 ? err_wrap(err, "sandbox firewall") : 0;
}
