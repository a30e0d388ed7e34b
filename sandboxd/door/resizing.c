// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/door/resizing.h"

#include <errno.h>

#include "sandboxd/door/calls.h"
#include "sandboxd/door/later.h"
#include "sandboxd/door/limits.h"
#include "sandboxd/lifecycle/admission.h"
#include "sandboxd/lifecycle/org_disk.h"

/* Whether its organisation and the host have that much more. */
static int
permit_resize(const struct peer *peer, const struct sandbox_record *record,
    const struct sandbox_record *wanted, struct err *err)
{
	const bool has_more_memory = wanted->memory_limit_bytes >
	    record->memory_limit_bytes;
	const bool has_more_disk = wanted->disk_limit_bytes >
	    record->disk_limit_bytes;
	int r = quota_check_resize(&peer->capability.quota,
	    &peer->daemon->sandboxes, record, wanted,
	    org_disk_beside(peer->daemon, record->org), err);

	return r < 0 ? r : admission_check(peer->daemon, record->id,
	    has_more_memory ? wanted->memory_limit_bytes : 0,
	    has_more_disk ? wanted->disk_limit_bytes : 0, err);
}

int
answer_sandbox_resize(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_sandbox_resize_req *request = data;
	const struct limits_wish wish = {.size = request->size,
	    .memory_bytes = request->memory_limit_bytes,
	    .pids = request->pids_limit,
	    .cpu_millis = request->cpu_limit_millis,
	    .disk_bytes = request->disk_limit_bytes};
	struct sandbox *sandbox = calls_find(peer, request->id, err);
	struct sandbox_record wanted = {0};
	int r;

	if (sandbox == NULL)
		return -ENOENT;
	r = limits_choose(&peer->daemon->settings,
	    &peer->daemon->runtime.ceilings, &wish, NULL, &sandbox->record,
	    &wanted, err);
	if (r == 0)
		r = permit_resize(peer, &sandbox->record, &wanted, err);
	return r < 0 ? r : resized_later(peer, id, sandbox, &wanted, err);
}
