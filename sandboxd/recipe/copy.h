// SPDX-License-Identifier: Apache-2.0
/* Copies of disks, in a worker: for a fork, a snapshot, and what is made from
 * one. docs/LIFE.md says what is in them. */
#pragma once

#include "sandboxd/recipe/job.h"
#include "sandboxd/recipe/runtime.h"

/*
 * More than this in memory alone is written out before processes stand still,
 * in so many rounds at most: others may be writing faster.
 */
#define COPY_UNWRITTEN_BYTES (1ull << 20)
#define COPY_ROUNDS_MAX	     3

/* More than this is written out by a slow worker. */
#define COPY_HASTE_BYTES (16ull << 20)

/*
 * Makes the disk of job->id from that of job->source, a sandbox or a snapshot;
 * and the snapshot job->id of the sandbox job->source. A sandbox that runs
 * stands still for the instant of it, result->still_us long. -ENOENT where the
 * source is no more; -EBUSY and result->wants_patience where a slow worker is
 * to do it.
 */
int copy_to_disk(const struct runtime *runtime, const struct job *job,
    struct job_result *result, struct err *err);
int copy_to_snapshot(const struct runtime *runtime, const struct job *job,
    struct job_result *result, struct err *err);
