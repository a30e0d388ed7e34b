// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/resize.h"

#include <errno.h>
#include <stdio.h>

#include "common/log.h"
#include "sandboxd/daemon.h"
#include "sandboxd/lifecycle/actions.h"

static void
swap(struct sandbox_record *record, struct resize *resize)
{
	const struct resize before = {.memory_bytes =
		record->memory_limit_bytes,
	    .disk_bytes = record->disk_limit_bytes,
	    .pids = record->pids_limit,
	    .cpu_millis = record->cpu_limit_millis, .is_applying = true};

	record->memory_limit_bytes = resize->memory_bytes;
	record->disk_limit_bytes = resize->disk_bytes;
	record->pids_limit = resize->pids;
	record->cpu_limit_millis = resize->cpu_millis;
	*resize = before;
}

static uint64_t
greater(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

struct resize
resize_counted(const struct sandbox *sandbox)
{
	const struct sandbox_record *record = &sandbox->record;
	const struct resize none = {0};
	const struct resize *before = sandbox->resize.is_applying ?
	    &sandbox->resize : &none;

	return (struct resize){
	    .memory_bytes = greater(record->memory_limit_bytes,
		before->memory_bytes),
	    .disk_bytes = greater(record->disk_limit_bytes,
		before->disk_bytes),
	    .pids = (uint32_t)greater(record->pids_limit, before->pids),
	    .cpu_millis = (uint32_t)greater(record->cpu_limit_millis,
		before->cpu_millis)};
}

int
resize_begin(struct sandbox *sandbox, const struct sandbox_record *wanted,
    const struct asker *asker, struct err *err)
{
	struct resize *resize = &sandbox->resize;
	int r = 0;

	if (resize->is_applying ||
	    !sandbox_state_is_at_rest(sandbox->record.state)) {
		asker->release(asker->owner);
		return sandbox_refuse(sandbox, err);
	}
	r = waiters_add(&sandbox->waiters, WAITER_RESIZE, asker, err);
	if (r < 0)
		return r;
	*resize = (struct resize){.is_applying = true,
	    .memory_bytes = wanted->memory_limit_bytes,
	    .disk_bytes = wanted->disk_limit_bytes,
	    .pids = wanted->pids_limit,
	    .cpu_millis = wanted->cpu_limit_millis};
	/* The job has what the record says: for so long that is the new one;
	 * quotas count it from here on. */
	swap(&sandbox->record, resize);
	if (action_submit(sandbox, JOB_RESIZE, err) < 0)
		resize_applied(sandbox, err);
	return 0;
}

static void
note_limits(struct sandbox *sandbox)
{
	const struct sandbox_record *record = &sandbox->record;
	char cause[EVENT_CAUSE_SIZE];

	snprintf(cause, sizeof cause, "memory_limit_bytes %llu, pids_limit %u, "
	    "cpu_limit_millis %u, disk_limit_bytes %llu",
	    (unsigned long long)record->memory_limit_bytes,
	    record->pids_limit, record->cpu_limit_millis,
	    (unsigned long long)record->disk_limit_bytes);
	chronicle_blame(sandbox, waiters_whose(&sandbox->waiters,
	    WAITER_RESIZE));
	chronicle_note(sandbox, EVENT_KIND_RESIZED, cause);
}

void
resize_applied(struct sandbox *sandbox, const struct err *err)
{
	struct resize *resize = &sandbox->resize;
	struct err unsaved = {0};

	/* What was saved meanwhile, for whatever reason, was not so either. */
	if (err != NULL) {
		swap(&sandbox->record, resize);
		(void)action_save(sandbox, REGISTRY_LAZY, &unsaved);
	}
	resize->is_applying = false;
	if (err == NULL)
		note_limits(sandbox);
	if (err == NULL && action_save(sandbox, REGISTRY_DURABLE,
	    &unsaved) < 0)
		err = &unsaved;
	if (err != NULL)
		waiters_answer(&sandbox->waiters, WAITER_RESIZE, sandbox,
		    err);
	else
		log_info("resized id=%s org=%s memory=%llu pids=%u cpu=%u "
		    "disk=%llu", sandbox->record.id, sandbox->record.org,
		    (unsigned long long)sandbox->record.memory_limit_bytes,
		    sandbox->record.pids_limit,
		    sandbox->record.cpu_limit_millis,
		    (unsigned long long)sandbox->record.disk_limit_bytes);
}
