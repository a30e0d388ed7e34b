// SPDX-License-Identifier: Apache-2.0
/*
 * The one teardown: whatever there is of a sandbox, from any state and however
 * far a create came. After it no process of the sandbox lives, nothing of it
 * can be reached (its link, routes, groups and init socket are gone, no path
 * leads to its disk), and its slot, with uids, link name and addresses, is
 * free for the next. Its files may still take up room: disk_collect() deletes
 * them. Idempotent. A worker's work: it blocks.
 */
#pragma once

#include <stdbool.h>

#include "sandboxd/recipe/job.h"
#include "sandboxd/recipe/runtime.h"

/* How long the last process of a sandbox may take to die: before somebody with
 * more patience takes over, and in all. */
#define REAP_HASTE_MS	100
#define REAP_PATIENCE_MS 10000

/*
 * Kills what lives and removes cgroups, link and init socket. `slot` is -1
 * where it is not known (no link is removed then). Every step is tried; the
 * first error is returned.
 */
int reap_processes(const struct runtime *runtime, const char *id,
    int64_t slot, struct err *err);

/* The same, and the disk. Returns 1 where disk_collect() has work with it. */
int reap_sandbox(const struct runtime *runtime, const char *id, int64_t slot,
    struct err *err);

/*
 * Does a JOB_STOP or JOB_DESTROY. Where the processes take longer to die than
 * an impatient job may wait it fails, with ret->wants_patience set.
 * ret->step_us says where the time went, in the order of reap_step_name().
 */
int reap_job(const struct runtime *runtime, const struct job *job,
    struct job_result *ret, struct err *err);

/* The name of a step (from 0), or NULL past the last; static storage. */
const char *reap_step_name(unsigned step);
