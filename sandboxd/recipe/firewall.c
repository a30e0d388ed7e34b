// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/recipe/firewall.h"

#include <errno.h>
#include <stdlib.h>

#include "common/fd.h"
#include "common/rpc.h"
#include "sandboxd/net/egress/policy.h"
#include "sandboxd/recipe/init_process.h"

/* A policy of the job's, the caller's; NULL where it cannot be read. What a
 * registry of another version may hold is refused, not let through. */
static struct policy *
read_policy(const struct runtime *runtime, struct rpc_bytes list,
    struct err *err)
{
	struct policy *policy = malloc(sizeof *policy);

	if (policy == NULL)
		err_set(err, ENOMEM, "no memory for a policy");
	else if (policy_read(list, runtime->egress.is_closed, policy, err) < 0)
		free(policy);
	else
		return policy;
	return NULL;
}

int
firewall_install(const struct runtime *runtime, const struct job *job,
    int netns_fd, struct err *err)
{
	const uint32_t size = job->blob_size - job->ceiling_size;
	auto_free struct policy *policy = read_policy(runtime,
	    (struct rpc_bytes){job->blob, size}, err);
	auto_free struct policy *ceiling = NULL;

	if (policy == NULL)
		return -err->code;
	if (job->ceiling_size > 0 && (ceiling = read_policy(runtime,
	    (struct rpc_bytes){job->blob + size, job->ceiling_size},
	    err)) == NULL)
		return -err->code;
	return egress_sandbox_install(&runtime->egress, policy, ceiling,
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
