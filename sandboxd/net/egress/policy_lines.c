// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/egress/policy_lines.h"

#include <linux/netfilter/nf_tables.h>

/* More are looked for in sets sooner than one after the other. */
#define LINES_MAX 8

#define SET "ported"

static const uint8_t ported[] = {IPPROTO_TCP, IPPROTO_UDP};

/* What a line may be of. */
enum kind { EVERY, PORTED, TCP, UDP, ICMP, ICMP6 };
#define KINDS_MAX 4

static const struct {
	uint8_t number; /* EVERY, PORTED: not one */
	sa_family_t family;
} kinds[] = {
    [EVERY] = {0, AF_UNSPEC},
    [PORTED] = {0, AF_UNSPEC},
    [TCP] = {IPPROTO_TCP, AF_UNSPEC},
    [UDP] = {IPPROTO_UDP, AF_UNSPEC},
    [ICMP] = {IPPROTO_ICMP, AF_INET},
    [ICMP6] = {IPPROTO_ICMPV6, AF_INET6},
};

static size_t
kinds_of(const struct policy_rule *rule, enum kind ret[KINDS_MAX])
{
	const uint8_t both = EGRESS_TCP | EGRESS_UDP;
	size_t n = 0;

	if (rule->protocols == 0)
		ret[n++] = EVERY;
	else if ((rule->protocols & both) == both)
		ret[n++] = PORTED;
	else if (rule->protocols & EGRESS_TCP)
		ret[n++] = TCP;
	else if (rule->protocols & EGRESS_UDP)
		ret[n++] = UDP;
	if (rule->protocols & EGRESS_ICMP) {
		ret[n++] = ICMP;
		ret[n++] = ICMP6;
	}
	return n;
}

void
policy_add_protocols(struct nft *nft)
{
	nft_protocols_set(nft, SET, ported, sizeof ported);
}

bool
policy_rule_is_short(const struct policy *policy, size_t i)
{
	const struct policy_rule *rule = &policy->rules[i];
	const size_t n_cidrs = rule->n_cidrs > 0 ? rule->n_cidrs : 1;
	const size_t n_ports = rule->n_ports > 0 ? rule->n_ports : 1;
	enum kind of[KINDS_MAX];

	/* What is looked at looks in the sets of those before, too. */
	return rule->n_domains == 0 && !rule->is_void &&
	    i >= policy_looking(policy) &&
	    n_cidrs * n_ports * kinds_of(rule, of) <= LINES_MAX;
}

bool
policy_is_short(const struct policy *policy)
{
	for (size_t i = 0; i < policy->n_rules; i++)
		if (!policy_rule_is_short(policy, i))
			return false;
	return true;
}

static bool
is_apart(sa_family_t one, sa_family_t other)
{
	return one != AF_UNSPEC && other != AF_UNSPEC && one != other;
}

/* To a prefix, or NULL; at a port, or NULL. */
static void
match(struct nft *nft, const char *chain, const struct prefix *to,
    enum kind kind, const struct policy_ports *at)
{
	nft_rule(nft, chain);
	if (to != NULL)
		nft_match_prefix(nft, to);
	else if (kinds[kind].family != AF_UNSPEC)
		nft_match_family(nft, kinds[kind].family);
	if (kind == PORTED)
		nft_match_protocols(nft, SET);
	else if (kind != EVERY)
		nft_match_protocol(nft, kinds[kind].number);
	if (at != NULL)
		nft_match_port_range(nft,
		    &(struct nft_ports){at->first, at->last});
}

/* All that go to one prefix, or where it is NULL to any. */
static void
add_to(struct nft *nft, const char *chain, const struct policy *policy,
    const struct policy_rule *rule, const struct prefix *to,
    void (*end)(struct nft *nft, const void *data), const void *data)
{
	enum kind of[KINDS_MAX];
	const size_t n = kinds_of(rule, of);

	for (size_t k = 0; k < n; k++) {
		const struct policy_ports *at =
		    &policy->ports[rule->first_ports];

		if (to != NULL && is_apart(kinds[of[k]].family, to->family))
			continue;
		for (size_t p = 0; p == 0 || p < rule->n_ports; p++) {
			match(nft, chain, to, of[k],
			    rule->n_ports > 0 ? &at[p] : NULL);
			end(nft, data);
		}
	}
}

void
policy_add_lines(struct nft *nft, const char *chain,
    const struct policy *policy, size_t i,
    void (*end)(struct nft *nft, const void *data), const void *data)
{
	const struct policy_rule *rule = &policy->rules[i];

	if (rule->n_cidrs == 0) {
		add_to(nft, chain, policy, rule, NULL, end, data);
		return;
	}
	for (size_t c = 0; c < rule->n_cidrs; c++)
		add_to(nft, chain, policy, rule,
		    &policy->cidrs[rule->first_cidr + c], end, data);
}
