// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/recipe/reap.h"

#include <errno.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/log.h"
#include "sandboxd/disk/log.h"
#include "sandboxd/recipe/hold.h"

struct reap {
	const struct runtime *runtime;
	const char *id;
	int64_t slot; /* -1: not known */
	unsigned patience_ms;
	bool is_whole;	/* the disk goes as well */
	bool is_left_over;
	int hold_fd; /* -1: nothing is held; hold.h */
};

/* A worker's alone: --down waits for the unmounting itself. */
static int
hold(struct reap *reap, struct err *err)
{
	(void)err;
	if (reap->is_whole)
		reap->hold_fd = hold_root(reap->runtime->cgroups, reap->id);
	return 0;
}

/* A create that failed early, or a reap that was cut short, has no groups. */
static int
kill_all(struct reap *reap, struct err *err)
{
	int r = cgroup_kill(reap->runtime->cgroups, reap->id, err);

	return r == -ENOENT ? 0 : r;
}

/* Which waits until the last of them is dead. */
static int
remove_groups(struct reap *reap, struct err *err)
{
	int r = cgroup_remove(reap->runtime->cgroups, reap->id,
	    reap->patience_ms, err);

	fd_close(&reap->hold_fd);
	return r;
}

static int
remove_link(struct reap *reap, struct err *err)
{
	struct net_link link;
	int r;

	if (reap->slot < 0)
		return 0;
	r = net_link_of_slot(&reap->runtime->egress.range,
	    (uint32_t)reap->slot, &link, err);
	return r < 0 ? r : net_link_reap(&link, err);
}

static int
remove_socket(struct reap *reap, struct err *err)
{
	char path[RUNTIME_PATH_SIZE];
	int r = runtime_init_path(reap->runtime, reap->id, path, err);

	if (r < 0)
		return r;
	if (unlink(path) < 0 && errno != ENOENT)
		return err_errno(err, "%s", path);
	return 0;
}

/* For as long as it is remembered that there was such a sandbox. It goes also
 * where that cannot be. */
static int
leave_log(struct reap *reap, struct err *err)
{
	struct err why;

	(void)err;
	if (disk_log_leave(reap->runtime->disks, reap->id,
	    reap->runtime->settings->tombstone_keep_s > 0, &why) < 0)
		log_error("id=%s its log is lost: %s", reap->id, why.text);
	return 0;
}

static int
remove_views(struct reap *reap, struct err *err)
{
	return reap->slot < 0 ? 0 : view_remove(&reap->runtime->views,
	    (uint32_t)reap->slot, err);
}

static int
discard_disk(struct reap *reap, struct err *err)
{
	int r = disk_discard(reap->runtime->disks, reap->id, err);

	reap->is_left_over = r > 0;
	return r;
}

/* In order; a stop does those before the log. */
static const struct {
	const char *name;
	int (*run)(struct reap *reap, struct err *err);
} steps[] = {
    {"hold", hold},
    {"kill", kill_all},
    {"cgroup", remove_groups},
    {"link", remove_link},
    {"socket", remove_socket},
    {"views", remove_views},
    {"log", leave_log},
    {"disk", discard_disk},
};
#define N_STEPS	     (sizeof steps / sizeof *steps)
#define N_STOP_STEPS (N_STEPS - 2)
_Static_assert(N_STEPS <= JOB_STEPS_MAX, "a result has room for all steps");

const char *
reap_step_name(unsigned step)
{
	return step < N_STEPS ? steps[step].name : NULL;
}

/* The first error stays; later steps run all the same, unless somebody with
 * more patience is to do them. */
static int
run_steps(struct reap *reap, size_t n, struct job_result *ret,
    struct err *err)
{
	uint64_t since = job_now_us();
	struct err first = {0};

	for (size_t i = 0; i < n; i++) {
		struct err now = {0};
		int r = steps[i].run(reap, &now);

		if (r == -EBUSY && reap->patience_ms < REAP_PATIENCE_MS) {
			ret->wants_patience = true;
			return err_set(err, EBUSY, "%s", now.text);
		}
		if (r < 0 && first.code == 0)
			first = now;
		job_step_done(ret, &since);
	}
	if (first.code != 0)
		return err_set(err, first.code, "%s", first.text);
	return 0;
}

int
reap_processes(const struct runtime *runtime, const char *id, int64_t slot,
    struct err *err)
{
	struct reap reap = {.runtime = runtime, .id = id, .slot = slot,
	    .patience_ms = REAP_PATIENCE_MS, .hold_fd = -1};
	struct job_result unused = {0};

	return run_steps(&reap, N_STOP_STEPS, &unused, err);
}

int
reap_sandbox(const struct runtime *runtime, const char *id, int64_t slot,
    struct err *err)
{
	struct reap reap = {.runtime = runtime, .id = id, .slot = slot,
	    .patience_ms = REAP_PATIENCE_MS, .hold_fd = -1};
	struct job_result unused = {0};
	int r = run_steps(&reap, N_STEPS, &unused, err);

	return r < 0 ? r : reap.is_left_over;
}

int
reap_job(const struct runtime *runtime, const struct job *job,
    struct job_result *ret, struct err *err)
{
	struct reap reap = {.runtime = runtime, .id = job->id,
	    .slot = job->slot,
	    .patience_ms = job->is_patient ? REAP_PATIENCE_MS : REAP_HASTE_MS,
	    .is_whole = job->kind == JOB_DESTROY,
	    .hold_fd = -1};
	int r = run_steps(&reap,
	    reap.is_whole ? N_STEPS : N_STOP_STEPS,
	    ret, err);

	ret->is_left_over = reap.is_left_over;
	return r;
}
