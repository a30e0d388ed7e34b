// SPDX-License-Identifier: Apache-2.0
/*
 * Rules of a policy that are short enough to say by themselves what they match.
 * Such a rule has no sets, and a policy of such rules alone is changed by one
 * small transaction.
 */
#pragma once

#include "sandboxd/net/egress/policy.h"
#include "sandboxd/net/nft.h"

/* The set of the protocols that have ports, TCP and UDP, which these lines look
 * in: made once for a table. */
void policy_add_protocols(struct nft *nft);

/* Whether the rule with this index is one, and whether all are. */
bool policy_rule_is_short(const struct policy *policy, size_t i);
bool policy_is_short(const struct policy *policy);

/*
 * Adds a line for each way to match it to a chain of a transaction.
 * end(nft, data) adds its end, a verdict after which no other line is looked
 * at, so that a packet that several match is counted once.
 */
void policy_add_lines(struct nft *nft, const char *chain,
    const struct policy *policy, size_t i,
    void (*end)(struct nft *nft, const void *data), const void *data);
