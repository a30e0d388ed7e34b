// SPDX-License-Identifier: Apache-2.0
/*
 * The processes that do what blocks. Each takes one job at a time over a
 * socket pair; jobs beyond that queue here, in order. A worker that dies is
 * replaced and its job fails.
 */
#pragma once

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "sandboxd/recipe/job.h"
#include "sandboxd/recipe/runtime.h"

struct worker_pool;

/* Called in the loop; pid_fd (or -1) is the callee's. */
struct worker_listener {
	void (*done)(const struct job *job, const struct job_result *result,
	    int pid_fd, void *data);
	void *data;
};

/*
 * Forks n workers. Call before anything is opened that they need not have:
 * exactly the descriptors open now, and none opened later, are theirs.
 */
int worker_pool_start(const struct runtime *runtime, unsigned n,
    const struct worker_listener *listener, struct worker_pool **ret,
    struct err *err);

/* Begins to watch the workers; nothing is reported before. */
int worker_pool_attach(struct worker_pool *pool, sd_event *event,
    struct err *err);

/* Hands a job to the next free worker; its end is reported by done(). */
int worker_pool_submit(struct worker_pool *pool, const struct job *job,
    struct err *err);

/* A child of ours ended: replaces the worker if it was one. Returns whether
 * it was. */
bool worker_pool_child_died(struct worker_pool *pool, pid_t pid);

/* Ends the workers, without waiting for their jobs. */
void worker_pool_free(struct worker_pool *pool);
