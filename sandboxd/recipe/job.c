// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/recipe/job.h"

#include <time.h>

uint64_t
job_now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

void
job_step_left_out(struct job_result *result)
{
	if (result->n_steps < JOB_STEPS_MAX)
		result->step_us[result->n_steps++] = 0;
}

void
job_step_done(struct job_result *result, uint64_t *since_us)
{
	uint64_t now = job_now_us();

	if (result->n_steps < JOB_STEPS_MAX)
		result->step_us[result->n_steps++] =
		    (uint32_t)(now - *since_us);
	*since_us = now;
}
