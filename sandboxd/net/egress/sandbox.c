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
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "common/fd.h"
#include "sandboxd/host/shared.h"
#include "sandboxd/net/egress/encrypted_dns.h"
#include "sandboxd/net/egress/flows.h"
#include "sandboxd/net/egress/limits.h"
#include "sandboxd/net/egress/marker.h"
#include "sandboxd/net/egress/look_rules.h"
#include "sandboxd/net/egress/names.h"
#include "sandboxd/net/egress/policy_lines.h"
#include "sandboxd/net/egress/policy_rules.h"
#include "sandboxd/net/egress/rules.h"
#include "sandboxd/net/egress/told.h"
#include "sandboxd/net/net.h"
#include "sandboxd/net/netns.h"
#include "sandboxd/net/nft_list.h"
#include "sandboxd/net/shape.h"

/* How often to list tables that change meanwhile. */
#define LOOKS_MAX 4

/* Flows of a sandbox with itself would fill the host's one table. */
static void
add_untracked(struct nft *nft, const struct policy *policy)
{
	nft_base_chain(nft, "untracked_in", "filter", NF_INET_PRE_ROUTING,
	    NF_IP_PRI_RAW, NF_ACCEPT);
	nft_rule(nft, "untracked_in");
	nft_match_loopback(nft, NFT_META_IIF);
	nft_notrack(nft);
	nft_base_chain(nft, "untracked_out", "filter", NF_INET_LOCAL_OUT,
	    NF_IP_PRI_RAW, NF_ACCEPT);
	look_add_tracked(nft, "untracked_out", policy);
	nft_rule(nft, "untracked_out");
	nft_match_loopback(nft, NFT_META_OIF);
	nft_notrack(nft);
}

/* The chains of what each family has of its own. */
#define IPV4_CHAIN "ipv4"
#define IPV6_CHAIN "ipv6"

/* And of what the tracker does not know yet. */
#define FRESH_CHAIN "fresh"

static void
drop(struct nft *nft)
{
	nft_counter(nft);
	nft_verdict(nft, NF_DROP, NULL);
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
	nft_rule(nft, IPV4_CHAIN);
	nft_match_disguise(nft);
	drop(nft);
	nft_rule(nft, IPV6_CHAIN);
	nft_match_routing_header(nft);
	drop(nft);
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
	nft_rule(nft, IPV4_CHAIN);
	nft_match_next_hop(nft, AF_INET, &gateway);
	drop(nft);
	nft_rule(nft, IPV6_CHAIN);
	nft_match_next_hop(nft, AF_INET6, &gateway6);
	drop(nft);
}

/*
 * Of a flow that the policy has let out the rest is known: its source, where it
 * goes, and that there are not too many. What is said of it by ICMP is a packet
 * like others, though it has its mark.
 */
static void
add_known(struct nft *nft, const char *chain, uint8_t icmp)
{
	nft_rule(nft, chain);
	nft_match_protocol(nft, icmp);
	nft_verdict(nft, NFT_GOTO, FRESH_CHAIN);
	nft_rule(nft, chain);
	policy_match_known(nft);
	nft_verdict(nft, NF_ACCEPT, NULL);
	nft_rule(nft, chain);
	nft_verdict(nft, NFT_GOTO, FRESH_CHAIN);
}

/*
 * What holds for all packets of a flow is looked at once: its source, and that
 * there are not too many of them, which are counted for the host, too.
 */
static void
add_fresh(struct nft *nft)
{
	nft_rule(nft, FRESH_CHAIN);
	nft_match_state(nft, NF_CT_STATE_BIT(IP_CT_ESTABLISHED));
	nft_verdict(nft, NFT_GOTO, EGRESS_CHAIN_DESTINATION);
	nft_rule(nft, FRESH_CHAIN);
	nft_match_borrowed_source(nft);
	drop(nft);
	nft_rule(nft, FRESH_CHAIN);
	nft_match_state(nft, NF_CT_STATE_BIT(IP_CT_NEW));
	nft_match_flows_over(nft, shared_flows());
	nft_counter(nft);
	nft_set_packet_mark(nft, TOLD_FLOWS);
	nft_verdict(nft, NFT_GOTO, EGRESS_CHAIN_REFUSE);
	nft_rule(nft, FRESH_CHAIN);
	nft_verdict(nft, NFT_GOTO, EGRESS_CHAIN_DESTINATION);
}

static void
go_by_family(struct nft *nft, sa_family_t family, const char *chain)
{
	nft_rule(nft, "output");
	nft_match_family(nft, family);
	nft_verdict(nft, NFT_GOTO, chain);
}

static void
add_output(struct nft *nft, const struct policy *policy)
{
	nft_chain(nft, IPV4_CHAIN);
	nft_chain(nft, IPV6_CHAIN);
	nft_chain(nft, FRESH_CHAIN);
	add_next_hop(nft);
	add_disguises(nft);
	add_known(nft, IPV4_CHAIN, IPPROTO_ICMP);
	add_known(nft, IPV6_CHAIN, IPPROTO_ICMPV6);
	add_fresh(nft);
	nft_base_chain(nft, "output", "filter", NF_INET_LOCAL_OUT,
	    NF_IP_PRI_FILTER, NF_ACCEPT);
	look_add_output(nft, "output", policy);
	nft_rule(nft, "output");
	nft_match_loopback(nft, NFT_META_OIF);
	nft_verdict(nft, NF_ACCEPT, NULL);
	go_by_family(nft, AF_INET, IPV4_CHAIN);
	go_by_family(nft, AF_INET6, IPV6_CHAIN);
	nft_rule(nft, "output");
	nft_verdict(nft, NFT_GOTO, FRESH_CHAIN);
}

static void
add_input(struct nft *nft)
{
	nft_base_chain(nft, "input", "filter", NF_INET_LOCAL_IN,
	    NF_IP_PRI_FILTER, NF_ACCEPT);
	nft_rule(nft, "input");
	nft_match_loopback(nft, NFT_META_IIF);
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

/* What of it is there. */
enum there {
	THERE_NOTHING,
	THERE_ELSE,  /* a table that differs in more than a short policy */
	THERE_FRAME, /* one that differs in that alone */
	THERE_ALL,
};

/* What a table is to say beside what all do; ceiling NULL: there is none. */
struct wanted {
	const struct egress_host *host;
	const struct policy *policy, *ceiling;
	const char *link; /* the host's end */
	struct policy_names names; /* of both */
	struct marker marker;
	struct limits_plan limits;
	enum there there;
	bool is_limited; /* there is a table of limits, or may be */
	/* Of the policy that is there: its marks are of this generation, and it
	 * has so many rules. */
	uint32_t generation;
	size_t n_rules;
	int changes;	 /* of limits; see limits_look */
};

static void
take_table(const char *name, void *data)
{
	struct wanted *wanted = data;

	if (strcmp(name, wanted->host->table) == 0)
		wanted->there = THERE_ELSE;
	for (size_t i = 0; i < N_LIMITS_WHOSE; i++)
		if (strcmp(name, wanted->limits.of[i].table) == 0)
			wanted->is_limited = true;
}

/* What add_marker has written. */
static void
take_generation(const char *comment, void *data)
{
	struct wanted *wanted = data;

	(void)sscanf(comment, "is_%*32s %" SCNu32 " %zu", &wanted->generation,
	    &wanted->n_rules);
	if (wanted->n_rules > EGRESS_RULES_MAX)
		wanted->n_rules = EGRESS_RULES_MAX;
}

static void
take_marker(const char *comment, void *data)
{
	struct wanted *wanted = data;
	const char *policy = wanted->marker.policy;
	unsigned int is_limited = 1;

	wanted->there = strncmp(comment, policy, strlen(policy)) == 0 ?
	    THERE_ALL : THERE_FRAME;
	take_generation(comment, data);
	(void)sscanf(comment, "is_%*s %*u %*u %u", &is_limited);
	wanted->is_limited = is_limited != 0;
}

/* A listing is -EINTR where the tables changed meanwhile: names were let in. */
static int
list(struct wanted *wanted, struct nft *nft, struct err *err)
{
	int r;

	wanted->there = THERE_NOTHING;
	wanted->is_limited = true;
	/* Where nothing says it: none that flows may have marks of. */
	wanted->generation = randombytes_uniform(POLICY_GENERATION_MAX);
	r = nft_list_comments(nft, wanted->marker.frame, take_marker, wanted,
	    err);
	if (r < 0 || wanted->there != THERE_NOTHING)
		return r;
	wanted->is_limited = false;
	r = nft_list_tables(nft, take_table, wanted, err);
	if (r < 0 || wanted->there == THERE_NOTHING)
		return r;
	return nft_list_comments(nft, NULL, take_generation, wanted, err);
}

/* The caller is in the sandbox's namespace. */
static int
look(struct wanted *wanted, struct nft *nft, struct err *err)
{
	int r = -EINTR;

	for (size_t i = 0; r == -EINTR && i < LOOKS_MAX; i++)
		r = list(wanted, nft, err);
	if (r < 0 || wanted->there == THERE_NOTHING)
		return r;
	wanted->limits.is_looked = true;
	if (wanted->is_limited || wanted->limits.has_any)
		r = wanted->changes = limits_look(&wanted->limits, err);
	return r < 0 ? r : 0;
}

/* That of the policy that is to be there: no flow has a mark of it yet. */
static uint32_t
next_generation(const struct wanted *wanted)
{
	return wanted->generation % POLICY_GENERATION_MAX + 1;
}

static void
add_marker(struct nft *nft, const struct wanted *wanted, uint32_t generation)
{
	char comment[NFT_COMMENT_SIZE];

	(void)snprintf(comment, sizeof comment, "%s %" PRIu32 " %zu %d",
	    wanted->marker.policy, generation, wanted->policy->n_rules,
	    wanted->limits.has_any);
	nft_rule(nft, wanted->marker.frame);
	nft_comment(nft, comment);
}

/*
 * What a rule of prefixes decided of a flow it decides of each of its packets,
 * for as long as the policy is there. Names lead elsewhere with time, and have
 * marks of their own.
 */
static void
add_policy(struct nft *nft, const struct wanted *wanted)
{
	policy_add_rules(nft, wanted->policy, wanted->names.is_any ? 0 :
	    next_generation(wanted));
}

static void
add_table(struct nft *nft, const struct wanted *wanted,
    const struct names_kept *kept, bool is_anew)
{
	const bool is_narrowed = wanted->ceiling != NULL;

	nft_chain(nft, wanted->marker.frame);
	nft_chain(nft, POLICY_CHAIN);
	if (is_narrowed)
		nft_chain(nft, CEILING_CHAIN);
	egress_add_rules(nft, wanted->host,
	    is_narrowed ? CEILING_CHAIN : POLICY_CHAIN,
	    encrypted_dns_is_closed_by(wanted->host, wanted->policy,
	    wanted->ceiling));
	policy_add_protocols(nft);
	policy_add_map(nft);
	names_add_sets(nft, &wanted->names, kept);
	add_policy(nft, wanted);
	if (is_narrowed)
		policy_add_ceiling(nft, wanted->ceiling);
	look_add_chain(nft, wanted->policy);
	add_untracked(nft, wanted->policy);
	add_output(nft, wanted->policy);
	add_input(nft);
	add_marker(nft, wanted, next_generation(wanted));
	limits_add(&wanted->limits, is_anew, nft);
}

static int
install_new(const struct wanted *wanted, struct nft *nft, struct err *err)
{
	nft_begin(nft);
	nft_table_new(nft);
	add_table(nft, wanted, NULL, false);
	return nft_commit(nft, err);
}

/* What is there goes on as it is but for what the policy says. */
static int
change_policy(const struct wanted *wanted, struct nft *nft, struct err *err)
{
	nft_begin(nft);
	policy_remove_rules(nft, wanted->n_rules);
	nft_chain_flush(nft, wanted->marker.frame);
	add_policy(nft, wanted);
	add_marker(nft, wanted, next_generation(wanted));
	limits_add(&wanted->limits, false, nft);
	return nft_commit(nft, err);
}

/* Where the policies are what they should be. */
static int
change_limits(const struct wanted *wanted, struct nft *nft, struct err *err)
{
	if (wanted->changes == 0)
		return 0;
	nft_begin(nft);
	nft_chain_flush(nft, wanted->marker.frame);
	add_marker(nft, wanted, wanted->generation);
	limits_add(&wanted->limits, false, nft);
	return nft_commit(nft, err);
}

/* All of it, where the chains at hooks stay (is_refill) or do not. */
static int
install_other(const struct wanted *wanted, const struct names_kept *kept,
    bool is_refill, struct err *err)
{
	auto_nft struct nft sets = {0};
	auto_nft struct nft nft = {0};
	int r = nft_open(wanted->host->table, &nft, err);

	if (r == 0 && is_refill &&
	    (r = nft_open(nft.table, &sets, err)) == 0)
		nft_table_refill(&nft, &sets);
	if (r < 0)
		return r;
	if (!is_refill)
		nft_table_replace(&nft);
	add_table(&nft, wanted, kept, !is_refill);
	return nft_commit(&nft, err);
}

/* What names led to they lead to, by the new policy as by the old. */
static int
change_all(const struct wanted *wanted, struct err *err)
{
	auto_free struct names_kept *kept = NULL;
	int r = names_keep(wanted->host, &wanted->names, &kept, err);

	if (r < 0)
		return r;
	r = -EINTR;
	for (size_t i = 0; r == -EINTR && i < LOOKS_MAX; i++)
		r = install_other(wanted, kept, true, err);
	/* Another version's chains are at other hooks. */
	if (r == -EEXIST)
		r = install_other(wanted, kept, false, err);
	return r;
}

/* The caller is in the sandbox's namespace, whose socket `nft` is. */
static int
apply(const struct wanted *wanted, struct nft *nft, struct err *err)
{
	const struct egress_host *host = wanted->host;
	int r;

	if (wanted->there == THERE_NOTHING)
		r = install_new(wanted, nft, err);
	else if (wanted->there == THERE_ELSE)
		r = change_all(wanted, err);
	else if (wanted->there == THERE_FRAME)
		r = change_policy(wanted, nft, err);
	else
		r = change_limits(wanted, nft, err);
	/* Also where it is right: who was killed may have got no further. */
	if (r >= 0 && (wanted->there != THERE_NOTHING ||
	    wanted->names.is_any))
		r = names_own_resolvers(host, wanted->names.is_any, err);
	return r < 0 ? r : flows_cut(host, wanted->policy, wanted->ceiling,
	    &nft->netlink, err);
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

static bool
has_rates(const struct limits_plan *limits)
{
	return limits->had_any || limits->out_bytes_per_second != 0 ||
	    limits->in_bytes_per_second != 0;
}

static int
install(struct wanted *wanted, int netns_fd, struct err *err)
{
	auto_nft struct nft nft = {0};
	int home_fd = -1, r = netns_enter(netns_fd, &home_fd, err);

	if (r < 0)
		return r;
	r = nft_look(wanted->host->table, &nft, err);
	if (r == 0)
		r = look(wanted, &nft, err);
	/* Before the tables, which say whether there is a rate to be lifted. */
	if (r == 0 && has_rates(&wanted->limits)) {
		netns_leave(&home_fd);
		r = set_rates(wanted, netns_fd, err);
		if (r < 0 || (r = netns_enter(netns_fd, &home_fd, err)) < 0)
			return r;
	}
	if (r == 0)
		r = apply(wanted, &nft, err);
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
	int r;

	policy_names_of(policy, ceiling, &wanted.names);
	marker_make(host, policy, ceiling, &wanted.marker);
	limits_plan(host, policy, ceiling, &wanted.limits);
	r = install(&wanted, netns_fd, err);
	return r < 0 ? err_wrap(err, "sandbox firewall") : 0;
}
