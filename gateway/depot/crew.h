// SPDX-License-Identifier: Apache-2.0
/*
 * Threads that wait for the disk, so that the loop does not: one that writes
 * the index, in order, some for what only looks, and some for bytes. So nobody
 * who looks waits for who writes, nor for anybody's bytes. Each has the index
 * on a connection of its own.
 */
#pragma once

#include <sys/queue.h>

#include "gateway/depot/index.h"
#include "gateway/http/engine/loop.h"

enum crew_class {
	CREW_LOOK,  /* lists, and opens */
	CREW_BYTES, /* takes, hashes and searches them */
	CREW_WRITE, /* changes the index, one after the other */
	N_CREW_CLASS
};

/* Embedded in whatever is to be done; it stays until done was called. */
struct crew_job {
	TAILQ_ENTRY(crew_job) link;
	const char *org; /* that it is for; "" = nobody's */
	/* In a thread, which alone touches what the job says is its own. */
	void (*run)(struct crew_job *job, struct index *index);
	void (*done)(struct crew_job *job); /* in the loop, after it */
	uint64_t turn;
	enum crew_class class;
};

struct crew;

/*
 * Starts them; `index` is the one that writes, and the caller's again after
 * crew_free. The others are opened from its file. *ret is the caller's.
 */
int crew_new(struct loop *loop, const char *path, struct index *index,
    struct crew **ret, struct err *err);

/*
 * Has it run in a thread of its class. Organisations take turns there, a job
 * each, and the jobs of one keep their order.
 */
void crew_submit(struct crew *crew, enum crew_class class,
    struct crew_job *job);

/* Runs what waits, and tells of it. NULL does nothing. */
void crew_free(struct crew *crew);
