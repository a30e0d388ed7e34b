// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/egress/look_rules.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_ipv4.h>
#include <stdio.h>

#include "sandboxd/net/egress/policy_rules.h"
#include "sandboxd/net/egress/rules.h"
#include "sandboxd/net/egress/told.h"
#include "sandboxd/net/nft_look.h"

#define CHAIN	  "look"
#define NAME_SIZE POLICY_CHAIN_SIZE

/* Flows with its own loopback that are tracked, in the host's one table: more
 * than gateway-resolver looks at for one sandbox. */
#define FLOWS_MAX 1024

static const sa_family_t families[] = {AF_INET, AF_INET6};

/* By name: turned where the rule looks, else let alone. */
static void
add_names(struct nft *nft, const char *chain, const struct policy *policy,
    const struct policy_rule *rule)
{
	char set[POLICY_SET_SIZE];

	for (size_t i = 0; i < rule->n_domains; i++) {
		const struct policy_domain *domain =
		    &policy->domains[rule->first_domain + i];

		policy_set_name(domain, set);
		for (size_t f = 0; f < 2; f++) {
			nft_rule(nft, chain);
			nft_match_timed(nft, families[f], set);
			if (policy_rule_looks(rule)) {
				nft_set_flow_mark(nft, domain->mark);
				nft_redirect(nft, EGRESS_LOOK_PORT);
			} else {
				nft_verdict(nft, NF_ACCEPT, NULL);
			}
		}
	}
}

/* One rule of the chain: of a family, or AF_UNSPEC. */
static void
add_match(struct nft *nft, const struct policy_rule *rule, size_t number,
    sa_family_t family, const char *names)
{
	char set[NAME_SIZE];

	nft_rule(nft, CHAIN);
	if (family != AF_UNSPEC) {
		(void)snprintf(set, sizeof set, "rule_%zu_to", number);
		nft_match_destination(nft, family, set);
	}
	nft_match_protocol(nft, IPPROTO_TCP);
	if (rule->n_ports > 0) {
		(void)snprintf(set, sizeof set, "rule_%zu_ports", number);
		nft_match_ports(nft, set);
	}
	nft_verdict(nft, names != NULL ? NFT_JUMP : NF_ACCEPT, names);
}

/* As in the policy the first that matches decides. */
static void
add_rule(struct nft *nft, const struct policy *policy, size_t i)
{
	const struct policy_rule *rule = &policy->rules[i];
	char names[NAME_SIZE];

	if (rule->is_void || (rule->protocols != 0 &&
	    (rule->protocols & (EGRESS_TCP | EGRESS_LOOKED)) == 0))
		return;
	if (rule->n_domains > 0) {
		(void)snprintf(names, sizeof names, CHAIN "_%zu", i + 1);
		nft_chain(nft, names);
		add_names(nft, names, policy, rule);
		add_match(nft, rule, i + 1, AF_UNSPEC, names);
	} else if (rule->n_cidrs > 0) {
		for (size_t f = 0; f < 2; f++)
			add_match(nft, rule, i + 1, families[f], NULL);
	} else {
		add_match(nft, rule, i + 1, AF_UNSPEC, NULL);
	}
}

void
look_add_chain(struct nft *nft, const struct policy *policy)
{
	const size_t n = policy_looking(policy);

	if (n == 0)
		return;
	nft_base_chain(nft, CHAIN, "nat", NF_INET_LOCAL_OUT,
	    NF_IP_PRI_NAT_DST, NF_ACCEPT);
	nft_rule(nft, CHAIN);
	nft_match_link(nft, NFT_META_OIFNAME, "lo", true, true);
	nft_verdict(nft, NF_ACCEPT, NULL);
	/* Whose first bytes were looked at. */
	nft_rule(nft, CHAIN);
	nft_match_other_packet_mark(nft, 0);
	nft_verdict(nft, NF_ACCEPT, NULL);
	for (size_t i = 0; i < n; i++)
		add_rule(nft, policy, i);
}

void
look_add_tracked(struct nft *nft, const char *chain,
    const struct policy *policy)
{
	if (policy_looking(policy) == 0)
		return;
	nft_rule(nft, chain);
	nft_match_link(nft, NFT_META_OIFNAME, "lo", true, true);
	nft_match_from_port(nft, EGRESS_LOOK_PORT);
	nft_verdict(nft, NF_ACCEPT, NULL);
}

static void
limit(struct nft *nft)
{
	nft_match_state(nft, NF_CT_STATE_BIT(IP_CT_NEW));
	nft_match_flows_over(nft, FLOWS_MAX);
	nft_counter(nft);
	nft_set_packet_mark(nft, TOLD_FLOWS);
	nft_verdict(nft, NFT_GOTO, EGRESS_CHAIN_REFUSE);
}

void
look_add_output(struct nft *nft, const char *chain,
    const struct policy *policy)
{
	if (policy_looking(policy) == 0)
		return;
	nft_rule(nft, chain);
	nft_match_redirected(nft);
	limit(nft);
	nft_rule(nft, chain);
	nft_match_redirected(nft);
	nft_verdict(nft, NF_ACCEPT, NULL);
	/* From that port by a program inside, which need not answer any. */
	nft_rule(nft, chain);
	nft_match_link(nft, NFT_META_OIFNAME, "lo", true, true);
	limit(nft);
}
