// SPDX-License-Identifier: Apache-2.0
/*
 * What a policy and a ceiling have of each other's names. A name is resolved
 * where both let it be: where a ceiling has names, what stays of a policy's are
 * those that the ceiling has as well, and the other way round, so that both
 * know a name by the same mark; see docs/EGRESS.md. No kernel in it.
 */
#pragma once

#include "sandboxd/net/egress/policy.h"

/*
 * Makes both of lists as the registry has them, each to know the other's names.
 * *ret_ceiling is NULL where the ceiling's list is empty. Both are the
 * caller's to free; -EINVAL or -ENOMEM.
 */
int policy_make_both(struct rpc_bytes own, struct rpc_bytes ceiling,
    const struct egress_host *host, struct policy **ret_policy,
    struct policy **ret_ceiling, struct err *err);

/* The same of two that are read: -ENOMEM. What is beyond EGRESS_DOMAINS_MAX is
 * left out, and so not allowed. */
int policy_narrow(struct policy *policy, struct policy *ceiling,
    const struct egress_host *host, struct err *err);

/* All names of both, those with the same mark once. */
#define POLICY_NAMES_MAX (2 * EGRESS_DOMAINS_MAX)
struct policy_names {
	bool is_any; /* whether there is to be a resolver for it */
	size_t n;
	const struct policy_domain *items[POLICY_NAMES_MAX];
	uint8_t looks[POLICY_NAMES_MAX]; /* bits of EGRESS_LOOKED */
};
void policy_names_of(const struct policy *policy, const struct policy *ceiling,
    struct policy_names *ret);

/* Whether both, or the policy where there is no ceiling (NULL), let the sandbox
 * ask one of the host's resolvers by itself. */
bool policy_both_open(const struct policy *policy,
    const struct policy *ceiling, const struct egress_host *host);
