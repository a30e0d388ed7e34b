// SPDX-License-Identifier: Apache-2.0
/* A policy as rules of nftables. */
#pragma once

#include "sandboxd/net/egress/policy.h"
#include "sandboxd/net/nft.h"

/* The chain that ends in the policy's verdict, for whatever the host lets
 * through; it has to be made before what refers to it. */
#define POLICY_CHAIN "policy"

/*
 * Adds the policy to a transaction, which has the chains POLICY_CHAIN and
 * EGRESS_CHAIN_REFUSE already. Rule n (from 1) is the sets rule_n_to4,
 * rule_n_to6 and rule_n_ports, and the chain rule_n, which counts and decides;
 * the default is the chain rule_default. One with domains has, for each, the
 * sets of policy_set_name, which are there already; the chain rule_n_names goes
 * on to rule_n for what is in them, or is of a flow that has the name's mark.
 */
void policy_add_rules(struct nft *nft, const struct policy *policy);

/* Room for the name of a rule's chain, terminator included. */
#define POLICY_CHAIN_SIZE 32

/* "at_", eight digits and "_", terminator included; of both families together,
 * as nft_sets. */
#define POLICY_SET_SIZE 13
void policy_set_name(const struct policy_domain *domain,
    char ret[POLICY_SET_SIZE]);
