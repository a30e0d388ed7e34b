// SPDX-License-Identifier: Apache-2.0
/* The jobs of sandboxd's workers, one row a kind. */
#pragma once

#include "sandboxd/recipe/runtime.h"
#include "sandboxd/recipe/worker.h"

extern const struct worker_job jobs_table[N_JOB_KINDS];

/*
 * A worker's own beginning. Its mounts are its own: what a create attaches for
 * a moment is never seen on the host, nor by a sandbox another worker is
 * making.
 */
int jobs_prepare(struct err *err);

/* At start: has the pool delete what a predecessor's destroys left. */
int jobs_collect_left_over(struct worker_pool *pool,
    const struct runtime *runtime, struct err *err);

/* The same at once, in this process, for a host that is taken down. */
int jobs_collect_now(const struct runtime *runtime, struct err *err);
