// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/recipe/firewall.h"

#include <errno.h>
#include <stdlib.h>

#include "common/fd.h"
#include "common/rpc.h"
#include "sandboxd/net/egress/policy.h"
#include "sandboxd/recipe/init_process.h"

/* What a registry of another version may hold is refused, not let through. */
int
firewall_install(const struct runtime *runtime, const struct job *job,
    int netns_fd, struct err *err)
{
	const struct rpc_bytes list = {job->blob, job->blob_size};
	auto_free struct policy *policy = malloc(sizeof *policy);
	int r;

	if (policy == NULL)
		return err_set(err, ENOMEM, "no memory for a policy");
	r = policy_read(list, runtime->egress.is_closed, policy, err);
	return r < 0 ? r : egress_sandbox_install(&runtime->egress, policy,
	    netns_fd, err);
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
