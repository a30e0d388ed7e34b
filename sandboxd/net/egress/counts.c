// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/egress/counts.h"

#include "sandboxd/net/egress/egress.h"
#include "sandboxd/net/egress/policy_rules.h"
#include "sandboxd/net/netns.h"
#include "sandboxd/net/nft_named.h"

struct counting {
	const struct policy *policy;
	struct egress_count *ret;
};

static void
take(const char *name, uint64_t packets, uint64_t bytes, void *data)
{
	const struct counting *counting = data;
	const size_t i = policy_of_counter(counting->policy, name);

	if (i != SIZE_MAX)
		counting->ret[i] = (struct egress_count){packets, bytes};
}

int
egress_counts_read(const struct egress_host *host,
    const struct policy *policy, int netns_fd,
    struct egress_count ret[EGRESS_RULES_MAX + 1], size_t *ret_n,
    struct err *err)
{
	struct counting counting = {policy, ret};
	auto_nft struct nft nft = {0};
	int home_fd = -1, r;

	*ret_n = policy->n_rules + 1;
	for (size_t i = 0; i < *ret_n; i++)
		ret[i] = (struct egress_count){0};
	r = netns_enter(netns_fd, &home_fd, err);
	if (r < 0)
		return r;
	r = nft_look(host->table, &nft, err);
	netns_leave(&home_fd);
	return r < 0 ? r : nft_list_counters(&nft, take, &counting, err);
}
