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
 * the default is the chain rule_default.
 */
void policy_add_rules(struct nft *nft, const struct policy *policy);
