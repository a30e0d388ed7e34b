// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/egress/counts.h"

#include <stdio.h>

#include "sandboxd/net/egress/egress.h"
#include "sandboxd/net/egress/policy_rules.h"
#include "sandboxd/net/netns.h"
#include "sandboxd/net/nft_count.h"

static int
read_here(const struct egress_host *host, const struct policy *policy,
    struct egress_count *ret, size_t *ret_n, struct err *err)
{
	char chain[POLICY_CHAIN_SIZE];
	int r = 0;

	for (size_t i = 0; r == 0 && i <= policy->n_rules; i++) {
		struct egress_count *count = &ret[(*ret_n)++];

		if (i < policy->n_rules)
			(void)snprintf(chain, sizeof chain, "rule_%zu", i + 1);
		else
			(void)snprintf(chain, sizeof chain, "rule_default");
		r = nft_count(host->table, chain, &count->packets,
		    &count->bytes, err);
	}
	return r;
}

int
egress_counts_read(const struct egress_host *host,
    const struct policy *policy, int netns_fd,
    struct egress_count ret[EGRESS_RULES_MAX + 1], size_t *ret_n,
    struct err *err)
{
	int home_fd = -1, r;

	*ret_n = 0;
	r = netns_enter(netns_fd, &home_fd, err);
	if (r < 0)
		return r;
	r = read_here(host, policy, ret, ret_n, err);
	netns_leave(&home_fd);
	return r;
}
