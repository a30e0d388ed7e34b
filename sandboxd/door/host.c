// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/door/host.h"

#include <errno.h>

#include "common/rpc_calls.h"
#include "sandboxd/host/shared.h"
#include "sandboxd/lifecycle/pool.h"

/* As rpc.def has it, of host_resources. */
#define RESOURCES_BYTES_MAX 4096

int
host_status(struct peer *peer, uint32_t id, struct err *err)
{
	const struct daemon *daemon = peer->daemon;
	struct disk_usage usage = {0};
	struct rpc_host_status_rep reply = {.version = SANDGATE_VERSION,
	    .started_ms = daemon->started_ms,
	    .sandboxes = (uint32_t)daemon->sandboxes.n -
		pool_count(daemon),
	    .sandboxes_max = daemon->sandboxes.max,
	    .cgroup_backend = cgroup_backend(daemon->runtime.cgroups),
	    .disk_backend = disk_backend(daemon->runtime.disks)};
	int r = disk_pool_usage(daemon->runtime.disks, &usage, err);

	if (r < 0)
		return r;
	reply.disk_total_bytes = usage.total_bytes;
	reply.disk_free_bytes = usage.free_bytes;
	peer_reply(peer, &rpc_call_host_status, id, &reply, NULL, 0);
	return 0;
}

int
host_resources(struct peer *peer, uint32_t id, struct err *err)
{
	uint8_t buffer[RESOURCES_BYTES_MAX];
	struct rpc_list list = {.data = buffer, .size = sizeof buffer};
	struct rpc_host_resources_rep reply;
	struct shared rows[SHARED_MAX];
	size_t n = shared_read(&peer->daemon->runtime.ceilings, rows);

	for (size_t i = 0; i < n; i++) {
		const struct rpc_host_resource resource = {rows[i].name,
		    rows[i].unit, rows[i].bound, rows[i].used, rows[i].share};

		if (rpc_list_add(&list, &rpc_layout_host_resource,
		    &resource) < 0)
			return err_set(err, EMSGSIZE, "too many resources");
	}
	reply.resources = rpc_list_bytes(&list);
	peer_reply(peer, &rpc_call_host_resources, id, &reply, NULL, 0);
	return 0;
}
