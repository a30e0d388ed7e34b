// SPDX-License-Identifier: Apache-2.0
/*
 * What sandboxd asks of a worker and what it is told: one datagram of exactly
 * this struct each. Both ends are the same program, forked.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "common/err.h"
#include "common/parse.h"
#include "sandboxd/cgroup/cgroup.h"

enum job_kind {
	JOB_NONE,
	JOB_CREATE,  /* a disk, and then all that a start makes */
	JOB_START,   /* on the disk it has */
	JOB_STOP,    /* ends its processes, removes all but the disk */
	JOB_DESTROY, /* and the disk */
};

/* Steps of a create, timed; create.c names them. */
#define JOB_STEPS_MAX 16

struct job {
	uint32_t kind; /* enum job_kind */
	uint32_t slot;
	char id[SANDBOX_ID_SIZE];
	char template_name[64];
	struct cgroup_limits limits;
	uint64_t disk_limit_bytes;
};

/* With a pidfd of init attached where a create or start went well. */
struct job_result {
	struct err err; /* code 0 = done */
	pid_t pid;
	uint64_t start_ticks;
	uint32_t n_steps;
	uint32_t step_us[JOB_STEPS_MAX];
};
