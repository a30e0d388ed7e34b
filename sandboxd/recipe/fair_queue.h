// SPDX-License-Identifier: Apache-2.0
/*
 * Jobs that wait for a worker. Organisations take turns, one job each, however
 * many one of them has waiting; the jobs of one are in order. Pure.
 */
#pragma once

#include <stdbool.h>

#include "sandboxd/recipe/job.h"

struct fair_lane;

/* All zero is an empty one. */
struct fair_queue {
	struct fair_lane *first; /* whose turn it is */
};

/* Adds a copy behind the others of job->org. 0 or -ENOMEM. */
int fair_queue_add(struct fair_queue *queue, const struct job *job);

/* Takes the next one out; false where none waits. */
bool fair_queue_take(struct fair_queue *queue, struct job *ret);

/* Forgets all that wait. */
void fair_queue_fini(struct fair_queue *queue);
