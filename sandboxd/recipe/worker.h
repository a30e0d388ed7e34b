// SPDX-License-Identifier: Apache-2.0
/*
 * The processes that do what blocks. Each takes one job at a time over a
 * socket pair; jobs beyond that queue here, where organisations take turns
 * (fair_queue.h). There are two classes, each with workers and a queue of its
 * own, so that what takes long never delays what somebody waits for. A worker
 * that dies is replaced, when the next job comes at the latest, and its job
 * fails.
 */
#pragma once

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "sandboxd/recipe/job.h"

struct runtime;
struct worker_pool;

enum worker_class {
	WORKER_QUICK, /* jobs somebody waits for, of milliseconds */
	WORKER_SLOW,  /* jobs without a bound, such as deleting a tree */
	N_WORKER_CLASSES
};

/* What a kind of job is; jobs.c has a row each. */
struct worker_job {
	const char *name;
	enum worker_class class;
	/*
	 * In a worker. 0, or -errno with ret->err filled; a pidfd put into
	 * *ret_pid_fd goes to the listener. Where ret->wants_patience a slow
	 * worker does the job again, with job->is_patient set.
	 */
	int (*run)(const struct runtime *runtime, const struct job *job,
	    struct job_result *ret, int *ret_pid_fd);
	/* Of a step (from 0), or NULL past the last; NULL: has no steps. */
	const char *(*step_name)(unsigned step);
	/* What follows where the result says is_left_over. */
	enum job_kind next;
	bool is_silent; /* its end is logged, and told to nobody */
};

/* Called in the loop; pid_fd (or -1) is the callee's. */
struct worker_listener {
	void (*done)(const struct job *job, const struct job_result *result,
	    int pid_fd, void *data);
	void *data;
};

struct worker_setup {
	const struct runtime *runtime;
	const struct worker_job *jobs; /* N_JOB_KINDS of them; kept */
	/* In each worker, before its first job; NULL: nothing to prepare. */
	int (*prepare)(struct err *err);
	unsigned n[N_WORKER_CLASSES]; /* of processes */
	struct worker_listener listener;
};

/*
 * Forks the workers. Call before anything is opened that they need not have:
 * exactly the descriptors open now, and none opened later, are theirs.
 */
int worker_pool_start(const struct worker_setup *setup,
    struct worker_pool **ret, struct err *err);

/* Begins to watch the workers; nothing is reported before. */
int worker_pool_attach(struct worker_pool *pool, sd_event *event,
    struct err *err);

/* Hands a job to the next free worker of its class; its end is reported by
 * done(), never from within this call. */
int worker_pool_submit(struct worker_pool *pool, const struct job *job,
    struct err *err);

/* Whether none waits of a class, and one that came now would leave a worker
 * free for whoever comes next, or has the only one. */
bool worker_pool_has_spare(const struct worker_pool *pool,
    enum worker_class class);

/* A child of ours ended: replaces the worker if it was one. Returns whether
 * it was. */
bool worker_pool_child_died(struct worker_pool *pool, pid_t pid);

/* Ends the workers, without waiting for their jobs. */
void worker_pool_free(struct worker_pool *pool);
