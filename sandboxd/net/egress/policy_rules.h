// SPDX-License-Identifier: Apache-2.0
/* A policy as rules of nftables. */
#pragma once

#include "sandboxd/net/egress/policy.h"
#include "sandboxd/net/nft.h"

/* The chain that ends in the policy's verdict, for whatever the host, and where
 * there is one the ceiling, lets through; it has to be made before what refers
 * to it. */
#define POLICY_CHAIN "policy"

/* And the one that what the host lets through goes to first, where the
 * sandbox's organisation has a ceiling. */
#define CEILING_CHAIN "ceiling"

/* The most that a generation can be. */
#define POLICY_GENERATION_MAX 0x7fffffu

/*
 * Adds the policy to a transaction, which has the chains POLICY_CHAIN and
 * EGRESS_CHAIN_REFUSE, the set of policy_add_protocols and an empty map of
 * policy_add_map already. Rule n (from 1), where it is short (policy_lines.h),
 * is lines of POLICY_CHAIN. Else it is the sets rule_n_to4, rule_n_to6 and
 * rule_n_ports, and the chain rule_n. One with domains has, for each, the sets
 * of policy_set_name, which are there already; the chain rule_n_names goes on
 * to rule_n for what is in them, or is of a flow that has the name's mark. Each
 * counts in the counter rule_n, or rule_default.
 *
 * A flow that is let out gets a mark of the generation and the rule, which the
 * map leads to its counter from; generation 0: none does.
 */
void policy_add_rules(struct nft *nft, const struct policy *policy,
    uint32_t generation);

/* Takes a short policy of so many rules out again, of what was added. */
void policy_remove_rules(struct nft *nft, size_t n_rules);

/* Makes the map, and matches, and counts, what is of a flow in it: one that
 * this very policy has let out. */
void policy_add_map(struct nft *nft);
void policy_match_known(struct nft *nft);

/*
 * The same of a ceiling, which has no domains: its chain is CEILING_CHAIN, what
 * it allows goes on in POLICY_CHAIN, its rule n is called ceiling_n, and nobody
 * asks for its counters.
 */
void policy_add_ceiling(struct nft *nft, const struct policy *ceiling);

/* Which rule of the policy counts there, as an index; n_rules is the default's.
 * SIZE_MAX: none. */
size_t policy_of_counter(const struct policy *policy, const char *counter);

/* Room for the name of a rule's chain, terminator included. */
#define POLICY_CHAIN_SIZE 32

/* "at_", eight digits and "_", terminator included; of both families together,
 * as nft_sets. */
#define POLICY_SET_SIZE 13
void policy_set_name(const struct policy_domain *domain,
    char ret[POLICY_SET_SIZE]);
