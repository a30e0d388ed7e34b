// SPDX-License-Identifier: Apache-2.0
/*
 * Rules that look at what connections begin with (docs/EGRESS.md): what turns
 * these to who looks, EGRESS_LOOK_PORT of the namespace's own. None of these
 * adds anything for a policy that looks at nothing.
 */
#pragma once

#include "sandboxd/net/egress/policy.h"
#include "sandboxd/net/nft.h"

/* The chain that turns them; after the policy's sets. */
void look_add_chain(struct nft *nft, const struct policy *policy);

/* In the chain that leaves flows of a sandbox with itself untracked: not what
 * answers those that were turned. */
void look_add_tracked(struct nft *nft, const char *chain,
    const struct policy *policy);

/* In the chain of what leaves, first: lets those through that were turned, of
 * which there are only so many. */
void look_add_output(struct nft *nft, const char *chain,
    const struct policy *policy);
