// SPDX-License-Identifier: Apache-2.0
/* What an organisation is told of its limits: each is counted by the function
 * that counts where it is kept. */
#include "sandboxd/door/org_quota.h"

#include <errno.h>

#include "common/clock.h"
#include "sandboxd/door/creates.h"
#include "sandboxd/lifecycle/org_disk.h"
#include "sandboxd/lifecycle/snapshots.h"
#include "sandboxd/template/publication.h"

int
answer_sandbox_quota(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct daemon *daemon = peer->daemon;
	const struct capability *capability = &peer->capability;
	const struct quota *quota = &capability->quota;
	const char *org = capability->org;
	struct quota_used used;

	(void)data;
	if (capability->sandbox_id[0] != '\0')
		return err_set(err, EACCES,
		    "this capability is for one sandbox");
	used = quota_count(&daemon->sandboxes, org, "");
	peer_reply(peer, &rpc_call_sandbox_quota, id,
	    &(struct rpc_sandbox_quota_rep){
	    .max_sandboxes_used = used.sandboxes,
	    .max_sandboxes_limit = quota->sandboxes,
	    .max_running_used = used.running,
	    .max_running_limit = quota->running,
	    .max_memory_used = used.memory_bytes,
	    .max_memory_limit = quota->memory_bytes,
	    .max_cpu_used = used.cpu_millis,
	    .max_cpu_limit = quota->cpu * 1000,
	    .max_disk_used = used.disk_bytes + org_disk_beside(daemon, org),
	    .max_disk_limit = quota->disk_bytes,
	    .max_creates_per_minute_used = creates_count(daemon->creates, org,
		clock_monotonic_ms()),
	    .max_creates_per_minute_limit = quota->creates_per_minute,
	    .snapshots_used = snapshots_count(daemon, org),
	    .snapshots_limit = SNAPSHOTS_MAX,
	    .max_org_templates_used = publication_count(daemon, org),
	    .max_org_templates_limit = daemon->settings.max_org_templates},
	    NULL, 0);
	return 0;
}
