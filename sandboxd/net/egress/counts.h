// SPDX-License-Identifier: Apache-2.0
/* What a sandbox's rules have decided, as its table counts it. */
#pragma once

#include "sandboxd/net/egress/policy.h"

struct egress_count {
	uint64_t packets, bytes;
};

/*
 * Reads the counters of each rule of the policy that is in force in a
 * namespace, and after them of its default: n_rules + 1, of which *ret_n. They
 * begin at zero with a policy, and outlive this process. In well under a
 * millisecond for a policy of few rules.
 */
int egress_counts_read(const struct egress_host *host,
    const struct policy *policy, int netns_fd,
    struct egress_count ret[EGRESS_RULES_MAX + 1], size_t *ret_n,
    struct err *err);
