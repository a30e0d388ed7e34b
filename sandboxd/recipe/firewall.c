// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/recipe/firewall.h"


#include "common/fd.h"
#include "common/rpc.h"
#include "sandboxd/net/egress/policy_narrow.h"
#include "sandboxd/net/egress/totals.h"
#include "sandboxd/recipe/init_process.h"

int
firewall_install(const struct runtime *runtime, const struct job *job,
    int netns_fd, struct err *err)
{
	static const struct egress_limits none;
	const uint32_t size = job->blob_size - job->ceiling_size;
	auto_free struct policy *policy = NULL, *ceiling = NULL;
	struct net_link link;
	int r;

	/* What a registry of another version may hold is refused, not let
	 * through. */
	if ((r = policy_make_both((struct rpc_bytes){job->blob, size},
	    (struct rpc_bytes){job->blob + size, job->ceiling_size},
	    &runtime->egress, &policy, &ceiling, err)) < 0)
		return r;
	if ((r = net_link_of_slot(&runtime->egress.range, job->slot, &link,
	    err)) < 0)
		return r;
	r = egress_sandbox_install(&runtime->egress, policy, ceiling,
	    link.name, netns_fd, err);
	/* Of whom its link was before it is told apart here, too. */
	return r < 0 ? r : totals_install(&runtime->egress, job->org,
	    ceiling != NULL ? &ceiling->totals : &none, link.name, err);
}

int
firewall_change(const struct runtime *runtime, const struct job *job,
    struct err *err)
{
	auto_close int pid_fd = -1, netns_fd = -1;
	int r;

	if ((r = process_open(job->pid, job->start_ticks, &pid_fd,
	    err)) < 0 ||
	    (r = process_open_network(job->pid, pid_fd, &netns_fd,
	    err)) < 0)
		return r;
	return firewall_install(runtime, job, netns_fd, err);
}
