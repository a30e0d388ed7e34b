// SPDX-License-Identifier: Apache-2.0
/*
 * One who looks at a task, over a socket of frames (common/task_frame.h), from
 * a position of his own; what he has not read is in the journal, not here.
 */
#pragma once

#include "sandboxd/init/task/task.h"

#define TASK_VIEWERS_MAX 32

struct viewer {
	struct watch watch; /* first: a watch is its viewer */
	TAILQ_ENTRY(viewer) link;
	struct task *task;
	uint64_t position; /* of the next byte to send */
	uint64_t until;	   /* where it is over; UINT64_MAX = at the exit */
	uint32_t events;   /* that are watched for; 0 = not watched */
	bool is_paced, is_quiet;
	/* Of a quiet one, bytes of its input: given, and told to be taken. */
	uint64_t n_given, n_taken;
};

/* What a new one is to be. */
struct viewer_wish {
	uint64_t position; /* from there on; beyond the end: from the end */
	uint32_t views;	   /* INIT_ATTACH, _PACED or _QUIET */
	bool ends_at_now;  /* is told what there is, and no exit before it */
};

/* A new viewer. 0 and *ret_fd, the other end, the caller's; or -errno with
 * words: EAGAIN too many. */
int viewer_add(struct task *task, const struct viewer_wish *wish,
    int *ret_fd, struct err *err);

/* The same over *fd, which is taken over (and becomes -1) if that succeeds. */
int viewer_add_on(struct task *task, const struct viewer_wish *wish, int *fd,
    struct err *err);

/* Hangs up and frees it. */
void viewer_drop(struct viewer *viewer);

/*
 * Sends what there is and the socket takes, and watches for what can come next.
 * One that has been sent all of a task that has ended is dropped.
 */
void viewer_review(struct viewer *viewer);

/* Whether it is paced and has so much to read that its task is to wait. */
bool viewer_holds_up(const struct viewer *viewer);
