// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/egress/policy_rules.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdio.h>
#include <string.h>

#include "common/parse.h"
#include "sandboxd/net/egress/policy_lines.h"
#include "sandboxd/net/egress/rules.h"
#include "sandboxd/net/egress/told.h"
#include "sandboxd/net/nft_named.h"

#define NAME_SIZE POLICY_CHAIN_SIZE

/* What the rules of a policy are called, and what flows that they let out are
 * known in. */
#define PREFIX "rule"
#define MAP    "known"

/* The mark of such a flow: this bit, the generation, and the rule's number. */
#define KNOWN	    POLICY_MARK_KNOWN
#define NUMBER_BITS 8
_Static_assert(EGRESS_RULES_MAX < 1 << NUMBER_BITS, "it fits");
_Static_assert((KNOWN >> NUMBER_BITS) - 1 == POLICY_GENERATION_MAX, "so too");

/* What a policy's rules are called, where they are, and where what they allow
 * goes on; NULL: out. */
struct place {
	const char *prefix, *chain, *next;
	uint32_t told; /* added to the marks of what they refuse */
	/* Flows that they let out are known by marks of this; 0: by none. */
	uint32_t generation;
};

/* The names of one rule's parts. */
struct names {
	const char *in;
	char chain[NAME_SIZE], to[NAME_SIZE], ports[NAME_SIZE];
	char domains[NAME_SIZE]; /* the chain that knows them */
};

/* How a bit of a rule appears in packets: of one family, or of both. */
static const struct protocol {
	uint8_t bit;
	uint8_t number;
	sa_family_t family; /* AF_UNSPEC: of both */
} protocols[] = {
    {EGRESS_TCP, IPPROTO_TCP, AF_UNSPEC},
    {EGRESS_UDP, IPPROTO_UDP, AF_UNSPEC},
    {EGRESS_ICMP, IPPROTO_ICMP, AF_INET},
    {EGRESS_ICMP, IPPROTO_ICMPV6, AF_INET6},
};
#define N_PROTOCOLS (sizeof protocols / sizeof *protocols)

/* What becomes of what a rule, or the default, matches. */
struct decision {
	const struct place *place;
	const char *name; /* of the counter; NULL: one that nobody asks for */
	bool is_allow;
	uint32_t told;
	size_t number; /* of the rule, 0 is the default */
};

/* No name has one like it (policy_read.c). */
static uint32_t
known_mark(uint32_t generation, size_t number)
{
	return KNOWN | generation << NUMBER_BITS | (uint32_t)number;
}

static void
decide(struct nft *nft, const void *data)
{
	const struct decision *decision = data;
	const struct place *place = decision->place;

	if (decision->name != NULL)
		nft_count_in(nft, decision->name);
	else
		nft_counter(nft);
	if (decision->is_allow) {
		if (place->generation != 0)
			nft_set_flow_mark(nft, known_mark(place->generation,
			    decision->number));
		nft_verdict(nft, place->next != NULL ? NFT_GOTO : NF_ACCEPT,
		    place->next);
		return;
	}
	nft_set_packet_mark(nft, place->told + decision->told);
	nft_verdict(nft, NFT_GOTO, EGRESS_CHAIN_REFUSE);
}

/* A chain that does just that. */
static void
add_decision(struct nft *nft, const char *chain,
    const struct decision *decision)
{
	nft_chain(nft, chain);
	nft_rule(nft, chain);
	decide(nft, decision);
}

/* One way to match; NULL: any protocol. AF_UNSPEC: any address. */
static void
add_match(struct nft *nft, const struct policy_rule *rule,
    const struct names *names, sa_family_t family,
    const struct protocol *protocol)
{
	nft_rule(nft, names->in);
	if (rule->n_cidrs > 0)
		nft_match_destination(nft, family, names->to);
	else if (family != AF_UNSPEC)
		nft_match_family(nft, family);
	if (protocol)
		nft_match_protocol(nft, protocol->number);
	if (rule->n_ports > 0)
		nft_match_ports(nft, names->ports);
	if (rule->n_domains > 0)
		nft_verdict(nft, NFT_JUMP, names->domains);
	else
		nft_verdict(nft, NFT_GOTO, names->chain);
}

/* Of one family, or where no address is given of the protocol's own. */
static void
add_matches(struct nft *nft, const struct policy_rule *rule,
    const struct names *names, sa_family_t family)
{
	if (rule->protocols == 0) {
		add_match(nft, rule, names, family, NULL);
		return;
	}
	for (size_t i = 0; i < N_PROTOCOLS; i++) {
		const struct protocol *protocol = &protocols[i];

		if (!(rule->protocols & protocol->bit) ||
		    (family != AF_UNSPEC && protocol->family != AF_UNSPEC &&
			protocol->family != family))
			continue;
		add_match(nft, rule, names,
		    family != AF_UNSPEC ? family : protocol->family,
		    protocol);
	}
}

static void
add_ports(struct nft *nft, const struct policy *policy,
    const struct policy_rule *rule, const char *name)
{
	struct nft_ports ports[EGRESS_PORTS_MAX];

	for (size_t i = 0; i < rule->n_ports; i++)
		ports[i] = (struct nft_ports){
		    policy->ports[rule->first_ports + i].first,
		    policy->ports[rule->first_ports + i].last};
	nft_ports_set(nft, name, ports, rule->n_ports);
}

static bool
has_family(const struct policy *policy, const struct policy_rule *rule,
    sa_family_t family)
{
	for (size_t i = 0; i < rule->n_cidrs; i++)
		if (policy->cidrs[rule->first_cidr + i].family == family)
			return true;
	return false;
}

/*
 * Where a name leads is in its sets for as long as it leads there; a flow that
 * began in that time has its mark, and goes on.
 */
static void
add_domain(struct nft *nft, const char *chain,
    const struct policy_domain *domain, const char *verdict)
{
	static const sa_family_t families[] = {AF_INET, AF_INET6};
	char set[POLICY_SET_SIZE];

	policy_set_name(domain, set);
	nft_rule(nft, chain);
	nft_match_flow_mark(nft, domain->mark);
	nft_verdict(nft, NFT_GOTO, verdict);
	for (size_t f = 0; f < 2; f++) {
		nft_rule(nft, chain);
		nft_match_timed(nft, families[f], set);
		nft_set_flow_mark(nft, domain->mark);
		nft_verdict(nft, NFT_GOTO, verdict);
	}
}

static void
add_domains(struct nft *nft, const struct policy *policy,
    const struct policy_rule *rule, const struct names *names)
{
	nft_chain(nft, names->domains);
	for (size_t i = 0; i < rule->n_domains; i++)
		add_domain(nft, names->domains,
		    &policy->domains[rule->first_domain + i], names->chain);
}

/* A chain for what goes to where one of the rule's names leads. */
static void
add_where(struct nft *nft, const char *chain, const struct policy *policy,
    const struct policy_rule *rule, const char *verdict)
{
	static const sa_family_t families[] = {AF_INET, AF_INET6};
	char set[POLICY_SET_SIZE];

	for (size_t i = 0; i < rule->n_domains; i++) {
		policy_set_name(&policy->domains[rule->first_domain + i], set);
		for (size_t f = 0; f < 2; f++) {
			nft_rule(nft, chain);
			nft_match_timed(nft, families[f], set);
			nft_verdict(nft, NFT_GOTO, verdict);
		}
	}
}

/* Whose first bytes were looked at: sockets that sandboxd has given a mark, as
 * nobody inside can. */
static void
add_looked(struct nft *nft, const char *chain,
    const struct policy_domain *domain, const char *verdict)
{
	static const sa_family_t families[] = {AF_INET, AF_INET6};
	char set[POLICY_SET_SIZE];

	policy_set_name(domain, set);
	nft_rule(nft, chain);
	nft_match_packet_mark(nft, domain->mark);
	nft_match_flow_mark(nft, domain->mark);
	nft_verdict(nft, NFT_GOTO, verdict);
	for (size_t f = 0; f < 2; f++) {
		nft_rule(nft, chain);
		nft_match_packet_mark(nft, domain->mark);
		nft_match_timed(nft, families[f], set);
		nft_set_flow_mark(nft, domain->mark);
		nft_verdict(nft, NFT_GOTO, verdict);
	}
}

static void
jump_to_names(struct nft *nft, const struct policy_rule *rule,
    const struct names *names, uint8_t protocol, const char *chain)
{
	nft_rule(nft, names->in);
	nft_match_protocol(nft, protocol);
	if (rule->n_ports > 0)
		nft_match_ports(nft, names->ports);
	nft_verdict(nft, NFT_JUMP, chain);
}

/* All else that goes to where its names lead is refused, datagrams too. */
static void
add_looking(struct nft *nft, const struct place *place,
    const struct policy *policy, size_t i, const struct names *names)
{
	const struct policy_rule *rule = &policy->rules[i];
	char udp[NAME_SIZE], refused[NAME_SIZE];

	(void)snprintf(udp, NAME_SIZE, "%s_%zu_udp", place->prefix, i + 1);
	(void)snprintf(refused, NAME_SIZE, "%s_%zu_else", place->prefix,
	    i + 1);
	add_decision(nft, refused,
	    &(struct decision){place, NULL, false, (uint32_t)i + 1, i + 1});
	nft_chain(nft, names->domains);
	for (size_t j = 0; j < rule->n_domains; j++)
		add_looked(nft, names->domains,
		    &policy->domains[rule->first_domain + j], names->chain);
	add_where(nft, names->domains, policy, rule, refused);
	nft_chain(nft, udp);
	add_where(nft, udp, policy, rule, refused);
	jump_to_names(nft, rule, names, IPPROTO_TCP, names->domains);
	jump_to_names(nft, rule, names, IPPROTO_UDP, udp);
}

static void
add_rule(struct nft *nft, const struct place *place,
    const struct policy *policy, size_t i)
{
	static const sa_family_t families[] = {AF_INET, AF_INET6};
	const struct policy_rule *rule = &policy->rules[i];
	const char *prefix = place->prefix;
	struct names names = {.in = place->chain};
	const struct decision decision = {place, place->next == NULL ?
	    names.chain : NULL, rule->is_allow, (uint32_t)i + 1, i + 1};

	(void)snprintf(names.chain, NAME_SIZE, "%s_%zu", prefix, i + 1);
	(void)snprintf(names.to, NAME_SIZE, "%s_%zu_to", prefix, i + 1);
	(void)snprintf(names.ports, NAME_SIZE, "%s_%zu_ports", prefix, i + 1);
	(void)snprintf(names.domains, NAME_SIZE, "%s_%zu_names", prefix,
	    i + 1);
	if (policy_rule_is_short(policy, i)) {
		policy_add_lines(nft, place->chain, policy, i, decide,
		    &decision);
		return;
	}
	add_decision(nft, names.chain, &decision);
	if (rule->is_void)
		return;
	if (rule->n_ports > 0)
		add_ports(nft, policy, rule, names.ports);
	if (policy_rule_looks(rule)) {
		add_looking(nft, place, policy, i, &names);
		return;
	}
	if (rule->n_domains > 0)
		add_domains(nft, policy, rule, &names);
	if (rule->n_cidrs == 0) {
		add_matches(nft, rule, &names, AF_UNSPEC);
		return;
	}
	nft_sets(nft, names.to, policy->cidrs + rule->first_cidr,
	    rule->n_cidrs);
	for (size_t f = 0; f < 2; f++)
		if (has_family(policy, rule, families[f]))
			add_matches(nft, rule, &names, families[f]);
}

size_t
policy_of_counter(const struct policy *policy, const char *counter)
{
	const size_t length = sizeof PREFIX "_" - 1;
	uint64_t number;

	if (strncmp(counter, PREFIX "_", length) != 0)
		return SIZE_MAX;
	if (strcmp(counter + length, "default") == 0)
		return policy->n_rules;
	return parse_u64(counter + length, &number) < 0 || number == 0 ||
	    number > policy->n_rules ? SIZE_MAX : (size_t)number - 1;
}

void
policy_set_name(const struct policy_domain *domain,
    char ret[POLICY_SET_SIZE])
{
	(void)snprintf(ret, POLICY_SET_SIZE, "at_%08x_", domain->mark);
}

static void
add_all(struct nft *nft, const struct place *place,
    const struct policy *policy)
{
	char last[NAME_SIZE];

	for (size_t i = 0; i < policy->n_rules; i++)
		add_rule(nft, place, policy, i);
	(void)snprintf(last, sizeof last, "%s_default", place->prefix);
	nft_rule(nft, place->chain);
	decide(nft, &(struct decision){place, place->next == NULL ? last :
	    NULL, policy->is_allow, TOLD_DEFAULT, 0});
}

/* What rule `number` counts in, or the default, which is 0. */
static void
name_counter(size_t number, char ret[NFT_COUNTER_SIZE])
{
	if (number == 0)
		(void)snprintf(ret, NFT_COUNTER_SIZE, PREFIX "_default");
	else
		(void)snprintf(ret, NFT_COUNTER_SIZE, PREFIX "_%zu", number);
}

void
policy_add_map(struct nft *nft)
{
	nft_marks_map(nft, MAP, EGRESS_RULES_MAX + 1);
}

void
policy_match_known(struct nft *nft)
{
	nft_match_marks_map(nft, MAP);
}

void
policy_add_rules(struct nft *nft, const struct policy *policy,
    uint32_t generation)
{
	const struct place place = {PREFIX, POLICY_CHAIN, NULL, 0,
	    generation};
	struct nft_marked marked[EGRESS_RULES_MAX + 1];
	size_t n = 0;

	for (size_t i = 0; i <= policy->n_rules; i++) {
		struct nft_marked *one = &marked[n];

		name_counter(i, one->counter);
		nft_named_counter(nft, one->counter);
		one->mark = known_mark(generation, i);
		n += i == 0 ? policy->is_allow : policy->rules[i - 1].is_allow;
	}
	if (generation != 0)
		nft_marks_map_fill(nft, MAP, marked, n);
	add_all(nft, &place, policy);
}

void
policy_remove_rules(struct nft *nft, size_t n_rules)
{
	char counter[NFT_COUNTER_SIZE];

	nft_chain_flush(nft, POLICY_CHAIN);
	nft_marks_map_empty(nft, MAP);
	for (size_t i = 0; i <= n_rules; i++) {
		name_counter(i, counter);
		nft_named_counter_remove(nft, counter);
	}
}

void
policy_add_ceiling(struct nft *nft, const struct policy *ceiling)
{
	static const struct place place = {"ceiling", CEILING_CHAIN,
	    POLICY_CHAIN, TOLD_CEILING, 0};

	add_all(nft, &place, ceiling);
}
