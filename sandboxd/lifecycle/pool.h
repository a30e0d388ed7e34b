// SPDX-License-Identifier: Apache-2.0
/*
 * Sandboxes made ahead, of which a create takes one (docs/POOL.md). They are in
 * the table like all others, in states of their own; here is which of them
 * there are and when there should be more.
 */
#pragma once

#include "sandboxd/daemon.h"

/* From a claim until more are made. */
#define POOL_REST_MS	   250
#define POOL_BLANK_REST_MS 10

/* Until then it goes on, in such steps, while more of the host's threads than
 * so many for each processor want to run: who claimed is still at work. */
#define POOL_REST_MAX_MS  1000
#define POOL_REST_STEP_MS 50
#define POOL_BUSY_FACTOR  2

/* From one that failed to the next, the first time and at most. */
#define POOL_RETRY_MIN_MS 1000
#define POOL_RETRY_MAX_MS 60000

struct pool;

/* Reads the setting and begins to fill it. -ENOMEM. */
int pool_begin(struct daemon *daemon, struct err *err);
void pool_free(struct daemon *daemon);

/* How many of the table's sandboxes are nobody's yet. */
uint32_t pool_count(const struct daemon *daemon);

/*
 * Makes another, or has one go, where there should be more or fewer and nobody
 * else's job has to wait for it. To be called when anything of that has
 * changed; it may change the table.
 */
void pool_review(struct daemon *daemon);

/* One that can become what this record says, or NULL: there is none, or it is
 * another organisation's turn. */
struct sandbox *pool_find(struct daemon *daemon,
    const struct sandbox_record *record);

/* A blank that can become it, or NULL, likewise. */
struct sandbox *pool_find_blank(struct daemon *daemon,
    const struct sandbox_record *record);

/* It is somebody's now, or goes: it is no more of the pool. */
void pool_leave(struct sandbox *sandbox);

/* One has been made; one could not be. */
void pool_made(struct daemon *daemon);
void pool_failed(struct daemon *daemon);

/* One was claimed for this record: counts, and rests for a while. */
void pool_claimed(struct daemon *daemon, const struct sandbox_record *record);

/* A blank was: rests for a shorter one. */
void pool_blank_claimed(struct daemon *daemon,
    const struct sandbox_record *record);

/* A create of the record could have had one, and there was none: counts. */
void pool_missed(struct daemon *daemon, const struct sandbox_record *record);

/* Who says how many of a template are to wait. */
enum pool_source {
	POOL_NOBODY,
	POOL_CONFIGURATION,
	POOL_TEMPLATE,
	POOL_OPERATOR,
};

/* Rows that can be told at once: two plans, and what templates say. */
#define POOL_ROWS_MAX 512

/* Of one template, as it is now; what it counts began with this sandboxd. */
struct pool_row {
	const char *template_name; /* lives until the table changes */
	uint32_t wanted, waiting, making;
	uint64_t claimed, missed;
	enum pool_source source;
};

/* Fills in up to POOL_ROWS_MAX, and returns how many. Every template of which
 * some wait, are to wait, or were asked for is there once. */
size_t pool_rows(const struct daemon *daemon,
    struct pool_row rows[POOL_ROWS_MAX]);
