// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/recipe/copy.h"

#include <errno.h>

#include "sandboxd/recipe/still.h"

struct copy {
	const struct runtime *runtime;
	const struct job *job;
	struct job_result *result;
	/* Makes it, and takes it away again. */
	int (*make)(const struct copy *copy, struct err *err);
	void (*remove)(const struct copy *copy);
};

static int
make_disk(const struct copy *copy, struct err *err)
{
	const struct job *job = copy->job;

	return disk_copy(copy->runtime->disks, job->source,
	    job->source_limit_bytes, job->id, job->disk_limit_bytes,
	    &copy->result->bytes, err);
}

static void
remove_disk(const struct copy *copy)
{
	(void)disk_destroy(copy->runtime->disks, copy->job->id, NULL);
}

static int
make_snapshot(const struct copy *copy, struct err *err)
{
	const struct job *job = copy->job;

	return disk_snapshot(copy->runtime->disks, job->source,
	    job->source_limit_bytes, job->id, &copy->result->bytes, err);
}

static void
remove_snapshot(const struct copy *copy)
{
	(void)disk_remove_snapshot(copy->runtime->disks, copy->job->id, NULL);
}

/*
 * The kernel writes out what is in memory of a disk when it is copied, so a
 * copy that is thrown away does that while everybody goes on. A host that
 * cannot say how much there is has it done once.
 */
static int
write_out(const struct copy *copy, struct err *err)
{
	for (int round = 0; round < COPY_ROUNDS_MAX; round++) {
		uint64_t bytes = 0;
		int r = cgroup_unwritten(copy->runtime->cgroups,
		    copy->job->source, &bytes, NULL);

		if (r < 0 && round > 0)
			return 0;
		if (r == 0 && bytes <= COPY_UNWRITTEN_BYTES)
			return 0;
		if (bytes > COPY_HASTE_BYTES && !copy->job->is_patient) {
			copy->result->wants_patience = true;
			return err_set(err, EBUSY, "%s has much to write",
			    copy->job->source);
		}
		if ((r = copy->make(copy, err)) < 0)
			return r;
		copy->remove(copy);
	}
	return 0;
}

static int
copy_still(const struct copy *copy, struct err *err)
{
	struct still still;
	uint64_t since;
	int r = write_out(copy, err);

	if (r == 0)
		r = still_begin(&still, copy->runtime, copy->job->source, err);
	if (r < 0)
		return r;
	since = job_now_us();
	r = still_freeze(&still, err);
	if (r == 0)
		r = copy->make(copy, err);
	still_end(&still);
	copy->result->still_us = (uint32_t)(job_now_us() - since);
	return r;
}

int
copy_to_disk(const struct runtime *runtime, const struct job *job,
    struct job_result *result, struct err *err)
{
	const struct copy copy = {runtime, job, result, make_disk,
	    remove_disk};

	if (snapshot_id_is_valid(job->source))
		return disk_create_from(runtime->disks, job->source,
		    job->source_limit_bytes, job->id, job->disk_limit_bytes,
		    err);
	return copy_still(&copy, err);
}

int
copy_to_snapshot(const struct runtime *runtime, const struct job *job,
    struct job_result *result, struct err *err)
{
	const struct copy copy = {runtime, job, result, make_snapshot,
	    remove_snapshot};

	return copy_still(&copy, err);
}
