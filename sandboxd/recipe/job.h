// SPDX-License-Identifier: Apache-2.0
/*
 * What sandboxd asks of a worker and what it is told: one datagram each, of
 * this struct as far as it is used. Both ends are the same program, forked.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>

#include "common/buffer.h"
#include "common/disk_mounts.h"
#include "common/egress.h"
#include "common/err.h"
#include "common/parse.h"
#include "sandboxd/cgroup/cgroup.h"
#include "sandboxd/template/base.h"
#include "sandboxd/template/template.h"

enum job_kind {
	JOB_NONE,
	JOB_CREATE,  /* a disk, and then all that a start makes; of a blank
		      * the rest of it, where job.pid is one */
	JOB_BLANK,   /* what of a create needs neither disk nor template */
	JOB_START,   /* on the disk it has */
	JOB_STOP,    /* ends its processes, removes all but the disk */
	JOB_DESTROY, /* and the disk, out of everybody's reach */
	JOB_COLLECT, /* deletes what a destroy moved out of reach */
	JOB_FREEZE,  /* stops its processes where they are */
	JOB_SYNC,    /* writes out what they have written */
	JOB_THAW,    /* lets them go on */
	JOB_EGRESS,  /* puts its policy in force where it runs */
	JOB_SNAPSHOT, /* of the source's disk, by the id of a snapshot */
	JOB_UNSNAP,  /* deletes a snapshot */
	JOB_RESTORE, /* puts a copy of the source in place of its disk */
	JOB_TIDY,    /* forgets what is kept of disks that are gone */
	JOB_RELEASE, /* lets it go on, where a copy of it was cut short */
	JOB_FIT,     /* and its limits, where it does not yet run */
	JOB_PUBLISH, /* makes a layer of its disk */
	JOB_WITHDRAW,	/* has a label lead nowhere */
	JOB_DROP_LAYER, /* deletes a layer */
	JOB_DROP_DISK,	/* deletes the tree of one that sandboxes mount */
	JOB_RESIZE,  /* puts its limits in force: its disk's, and where it runs
		      * the rest */
	N_JOB_KINDS
};

/* Steps of a job, timed; its row in jobs.c names them. */
#define JOB_STEPS_MAX 16

/* Room for a policy, or for what is kept of a template with its log. */
#define JOB_BLOB_BYTES_MAX (136 * 1024)

/* Large: not_cleared on the stack, where jobs of its kind are frequent. */
struct job {
	uint32_t kind; /* enum job_kind */
	uint32_t slot;
	char id[SANDBOX_ID_SIZE];
	char org[64]; /* whose it is; "" = nobody's any more */
	char template_name[64]; /* the base below all layers */
	char base_version[BASE_VERSION_SIZE]; /* "" = whichever is there */
	/* Between that and its disk, the one on top first; or the one that the
	 * job is about. */
	uint32_t n_layers;
	char layers[TEMPLATE_LAYERS_MAX][SANDBOX_ID_SIZE];
	char label[TEMPLATE_LABEL_SIZE]; /* of a layer */
	struct cgroup_limits limits;
	uint64_t disk_limit_bytes;
	/* What its disk is to be a copy of: a sandbox or a snapshot, "" for an
	 * empty one; and the limit of that. */
	char source[SANDBOX_ID_SIZE];
	uint64_t source_limit_bytes;
	char disks[DISK_MOUNTS_SIZE]; /* that are mounted in it */
	bool is_nesting;
	bool is_patient; /* a slow worker does it: it may wait; worker.c */
	pid_t pid;	 /* of its init, where it runs, or of a blank */
	uint64_t start_ticks;
	struct timespec boot; /* of a blank: when its own clock began */
	uint32_t kept_size; /* of a publication: what of blob is not its log */
	/* Its egress policy, a list of one or none, and after that as many
	 * bytes of its organisation's ceiling, the same; or a publication. The
	 * rest is not sent. */
	uint32_t ceiling_size;
	uint32_t blob_size; /* of all of it */
	uint8_t blob[JOB_BLOB_BYTES_MAX];
};

/* How much of one is used; sizeof the struct bounds it. */
static inline size_t
job_size(const struct job *job)
{
	return offsetof(struct job, blob) + job->blob_size;
}

/* One of no kind, about nothing. */
static inline void
job_clear(struct job *job)
{
	memset(job, 0, offsetof(struct job, blob));
}

static inline void
job_copy(struct job *ret, const struct job *job)
{
	memcpy(ret, job, job_size(job));
}

/* With a pidfd of init attached where a create or start went well. */
struct job_result {
	struct err err; /* code 0 = done */
	pid_t pid;
	uint64_t start_ticks;
	struct timespec boot; /* of a blank */
	bool wants_patience; /* failed for want of it: again by a slow one */
	bool is_left_over;   /* it leaves something for the job after it */
	uint64_t bytes;	   /* in what was copied */
	uint32_t still_us; /* how long its source stood still for that */
	uint32_t n_steps;
	uint32_t step_us[JOB_STEPS_MAX];
};

/* Now, on a clock that only counts on. */
uint64_t job_now_us(void);

/* Notes how long the next step took, which began at *since_us; that becomes
 * now. */
void job_step_done(struct job_result *result, uint64_t *since_us);

/* The next step is none of this job's. */
void job_step_left_out(struct job_result *result);
