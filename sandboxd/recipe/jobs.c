// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/recipe/jobs.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <time.h>

#include "common/log.h"
#include "sandboxd/disk/kept.h"
#include "sandboxd/disk/log.h"
#include "sandboxd/recipe/copy.h"
#include "sandboxd/recipe/create.h"
#include "sandboxd/recipe/firewall.h"
#include "sandboxd/recipe/fit.h"
#include "sandboxd/recipe/publish.h"
#include "sandboxd/recipe/reap.h"
#include "sandboxd/recipe/still.h"

static int
run_create(const struct runtime *runtime, const struct job *job,
    struct job_result *ret, int *ret_pid_fd)
{
	return create_sandbox(runtime, job, ret, ret_pid_fd, &ret->err);
}

static int
run_reap(const struct runtime *runtime, const struct job *job,
    struct job_result *ret, int *ret_pid_fd)
{
	(void)ret_pid_fd;
	return reap_job(runtime, job, ret, &ret->err);
}

static int
run_collect(const struct runtime *runtime, const struct job *job,
    struct job_result *ret, int *ret_pid_fd)
{
	(void)ret_pid_fd;
	return disk_collect(runtime->disks, job->id, &ret->err);
}

/* What did not all freeze goes on: half a sandbox is no sandbox. */
static int
run_freeze(const struct runtime *runtime, const struct job *job,
    struct job_result *ret, int *ret_pid_fd)
{
	struct still still;
	int r = still_begin(&still, runtime, job->id, &ret->err);

	(void)ret_pid_fd;
	if (r < 0)
		return r;
	r = cgroup_freeze(runtime->cgroups, job->id, &ret->err);
	if (r < 0)
		(void)cgroup_thaw(runtime->cgroups, job->id, NULL);
	still_end(&still);
	ret->is_left_over = r == 0;
	return r;
}

static int
run_sync(const struct runtime *runtime, const struct job *job,
    struct job_result *ret, int *ret_pid_fd)
{
	int r = disk_sync(runtime->disks, job->id, &ret->err);

	(void)ret_pid_fd;
	/* It may have been destroyed since. */
	return r == -ENOENT ? 0 : r;
}

static int
run_thaw(const struct runtime *runtime, const struct job *job,
    struct job_result *ret, int *ret_pid_fd)
{
	struct still still;
	int r = still_begin(&still, runtime, job->id, &ret->err);

	(void)ret_pid_fd;
	if (r < 0)
		return r;
	r = cgroup_thaw(runtime->cgroups, job->id, &ret->err);
	still_end(&still);
	return r;
}

static int
run_snapshot(const struct runtime *runtime, const struct job *job,
    struct job_result *ret, int *ret_pid_fd)
{
	(void)ret_pid_fd;
	return copy_to_snapshot(runtime, job, ret, &ret->err);
}

static int
run_unsnap(const struct runtime *runtime, const struct job *job,
    struct job_result *ret, int *ret_pid_fd)
{
	(void)ret_pid_fd;
	return disk_remove_snapshot(runtime->disks, job->id, &ret->err);
}

static int
run_restore(const struct runtime *runtime, const struct job *job,
    struct job_result *ret, int *ret_pid_fd)
{
	(void)ret_pid_fd;
	return disk_restore(runtime->disks, job->source,
	    job->source_limit_bytes, job->id, job->disk_limit_bytes,
	    &ret->err);
}

static int
run_tidy(const struct runtime *runtime, const struct job *job,
    struct job_result *ret, int *ret_pid_fd)
{
	const struct settings *settings = runtime->settings;
	int r = disk_log_tidy(runtime->disks, (int64_t)time(NULL) -
	    (int64_t)settings->tombstone_keep_s, settings->ended_logs_bytes,
	    &ret->err);

	(void)job;
	(void)ret_pid_fd;
	return r < 0 ? r : disk_tidy(runtime->disks, &ret->err);
}

static int
run_release(const struct runtime *runtime, const struct job *job,
    struct job_result *ret, int *ret_pid_fd)
{
	(void)ret_pid_fd;
	return still_release(runtime, job->id, &ret->err);
}

static int
run_egress(const struct runtime *runtime, const struct job *job,
    struct job_result *ret, int *ret_pid_fd)
{
	(void)ret_pid_fd;
	return firewall_change(runtime, job, &ret->err);
}

static int
run_fit(const struct runtime *runtime, const struct job *job,
    struct job_result *ret, int *ret_pid_fd)
{
	(void)ret_pid_fd;
	return fit_sandbox(runtime, job, &ret->err);
}

static int
run_publish(const struct runtime *runtime, const struct job *job,
    struct job_result *ret, int *ret_pid_fd)
{
	(void)ret_pid_fd;
	return publish_layer(runtime, job, &ret->err);
}

static int
run_withdraw(const struct runtime *runtime, const struct job *job,
    struct job_result *ret, int *ret_pid_fd)
{
	(void)ret_pid_fd;
	return publish_withdraw(runtime, job, &ret->err);
}

static int
run_drop(const struct runtime *runtime, const struct job *job,
    struct job_result *ret, int *ret_pid_fd)
{
	(void)ret_pid_fd;
	return publish_drop(runtime, job, &ret->err);
}

static int
run_drop_disk(const struct runtime *runtime, const struct job *job,
    struct job_result *ret, int *ret_pid_fd)
{
	(void)ret_pid_fd;
	return kept_remove(runtime->disks, job->org, job->id, &ret->err);
}

/* What can be refused comes first. */
static int
run_resize(const struct runtime *runtime, const struct job *job,
    struct job_result *ret, int *ret_pid_fd)
{
	int r = job->pid == 0 ? 0 : cgroup_resize(runtime->cgroups, job->id,
	    &job->limits, &ret->err);

	(void)ret_pid_fd;
	return r < 0 ? r : disk_limit(runtime->disks, job->id,
	    job->disk_limit_bytes, &ret->err);
}

const struct worker_job jobs_table[N_JOB_KINDS] = {
    [JOB_CREATE] = {"create", WORKER_QUICK, run_create, create_step_name,
	JOB_NONE, false},
    [JOB_BLANK] = {"blank", WORKER_QUICK, run_create, create_step_name,
	JOB_NONE, false},
    [JOB_START] = {"start", WORKER_QUICK, run_create, create_step_name,
	JOB_NONE, false},
    [JOB_STOP] = {"stop", WORKER_QUICK, run_reap, reap_step_name, JOB_NONE,
	false},
    [JOB_DESTROY] = {"destroy", WORKER_QUICK, run_reap, reap_step_name,
	JOB_COLLECT, false},
    [JOB_COLLECT] = {"collect", WORKER_SLOW, run_collect, NULL, JOB_NONE,
	true},
    [JOB_FREEZE] = {"freeze", WORKER_QUICK, run_freeze, NULL, JOB_SYNC,
	false},
    [JOB_SYNC] = {"sync", WORKER_SLOW, run_sync, NULL, JOB_NONE, true},
    [JOB_THAW] = {"thaw", WORKER_QUICK, run_thaw, NULL, JOB_NONE, false},
    [JOB_EGRESS] = {"egress", WORKER_QUICK, run_egress, NULL, JOB_NONE,
	false},
    [JOB_SNAPSHOT] = {"snapshot", WORKER_QUICK, run_snapshot, NULL,
	JOB_NONE, false},
    [JOB_UNSNAP] = {"unsnap", WORKER_QUICK, run_unsnap, NULL, JOB_NONE,
	false},
    [JOB_RESTORE] = {"restore", WORKER_QUICK, run_restore, NULL,
	JOB_NONE, false},
    [JOB_RESIZE] = {"resize", WORKER_QUICK, run_resize, NULL, JOB_NONE,
	false},
    [JOB_TIDY] = {"tidy", WORKER_SLOW, run_tidy, NULL, JOB_NONE, true},
    [JOB_RELEASE] = {"release", WORKER_QUICK, run_release, NULL, JOB_NONE,
	true},
    [JOB_FIT] = {"fit", WORKER_QUICK, run_fit, NULL, JOB_NONE, false},
    [JOB_PUBLISH] = {"publish", WORKER_SLOW, run_publish, NULL, JOB_NONE,
	false},
    [JOB_WITHDRAW] = {"withdraw", WORKER_SLOW, run_withdraw, NULL, JOB_NONE,
	false},
    [JOB_DROP_DISK] = {"drop disk", WORKER_SLOW, run_drop_disk, NULL,
	JOB_NONE, false},
    [JOB_DROP_LAYER] = {"drop", WORKER_SLOW, run_drop, NULL, JOB_NONE,
	false},
};

int
jobs_prepare(struct err *err)
{
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return err_errno(err, "mounts of its own");
	return 0;
}

struct collection {
	struct worker_pool *pool; /* NULL: at once */
	struct disk_pool *disks;
	struct err first;
};

static void
collect_one(const char *id, void *data)
{
	struct collection *collection = data;
	struct job job = {.kind = JOB_COLLECT};
	struct err err = {0};
	int r;

	snprintf(job.id, sizeof job.id, "%s", id);
	if (collection->pool != NULL)
		r = worker_pool_submit(collection->pool, &job, &err);
	else
		r = disk_collect(collection->disks, id, &err);
	if (r < 0 && collection->first.code == 0)
		collection->first = err;
}

static int
collect_all(struct worker_pool *pool, const struct runtime *runtime,
    struct err *err)
{
	struct collection collection = {.pool = pool, .disks = runtime->disks};
	int r = disk_list_trash(runtime->disks, collect_one, &collection, err);

	if (r == 0 && collection.first.code != 0)
		r = err_set(err, collection.first.code, "%s",
		    collection.first.text);
	return r;
}

int
jobs_collect_left_over(struct worker_pool *pool,
    const struct runtime *runtime, struct err *err)
{
	return collect_all(pool, runtime, err);
}

int
jobs_collect_now(const struct runtime *runtime, struct err *err)
{
	return collect_all(NULL, runtime, err);
}
