// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/recipe/fair_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Allocated as far as its job is used. */
struct fair_job {
	struct fair_job *next;
	struct job job;
};

/* What one organisation waits for; there is none without a job. */
struct fair_lane {
	struct fair_lane *next; /* who comes after it */
	struct fair_job *first, **last;
};

/* Where the lane of `org` is, or the end of the list. */
static struct fair_lane **
find(struct fair_queue *queue, const char *org)
{
	struct fair_lane **at = &queue->first;

	while (*at != NULL && strcmp((*at)->first->job.org, org) != 0)
		at = &(*at)->next;
	return at;
}

int
fair_queue_add(struct fair_queue *queue, const struct job *job)
{
	struct fair_job *waiting = malloc(
	    offsetof(struct fair_job, job) + job_size(job));
	struct fair_lane **at = find(queue, job->org);

	if (waiting != NULL && *at == NULL &&
	    (*at = calloc(1, sizeof **at)) != NULL)
		(*at)->last = &(*at)->first;
	if (waiting == NULL || *at == NULL) {
		free(waiting);
		return -ENOMEM;
	}
	waiting->next = NULL;
	job_copy(&waiting->job, job);
	*(*at)->last = waiting;
	(*at)->last = &waiting->next;
	return 0;
}

/* To the end of the list: it has had its turn. */
static void
move_back(struct fair_queue *queue, struct fair_lane *lane)
{
	struct fair_lane **at = &queue->first;

	while (*at != NULL)
		at = &(*at)->next;
	lane->next = NULL;
	*at = lane;
}

bool
fair_queue_take(struct fair_queue *queue, struct job *ret)
{
	struct fair_lane *lane = queue->first;
	struct fair_job *waiting;

	if (lane == NULL)
		return false;
	waiting = lane->first;
	job_copy(ret, &waiting->job);
	queue->first = lane->next;
	lane->first = waiting->next;
	if (lane->first != NULL)
		move_back(queue, lane);
	else
		free(lane);
	free(waiting);
	return true;
}

void
fair_queue_fini(struct fair_queue *queue)
{
	not_cleared struct job job;

	while (fair_queue_take(queue, &job))
		;
}
