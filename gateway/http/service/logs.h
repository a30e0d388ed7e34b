// SPDX-License-Identifier: Apache-2.0
/*
 * What processes of a sandbox wrote (docs/LOGS.md), line by line: of one that
 * runs, does not run or is gone; once, or as it grows. Reading wakes nobody.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "common/output_log.h"

struct identity;
struct logs;

/* Behind a piece: where to go on later. Whatever it says does no harm. */
struct logs_place {
	uint64_t sequence; /* of a block; 0: it is none */
	uint32_t offset, used;
};

typedef struct {
	const char *id;
	uint64_t tail_lines;  /* the last of them; UINT64_MAX = all */
	uint64_t since_ms;    /* written since then, Unix time */
	uint64_t limit_bytes; /* and of these the first; UINT64_MAX = all */
	bool is_previous;     /* of the life before the last */
	bool is_whole;	      /* of all lives that there still is */
	struct logs_place after; /* behind that, where it is a place */
	bool is_followed;     /* and what comes */
} logs_wish;

/* A line, or where it is long a piece of one. A line that bytes of another
 * stream or process come into ends there. */
struct logs_piece {
	uint64_t at_ms;
	uint32_t process, life;
	enum output_stream stream; /* OUTPUT_STARTED: data is what process is */
	const char *data; /* no newline is in it; until the next call */
	size_t size;
	bool begins, ends; /* a line; one that ends has its newline */
	struct logs_place place; /* behind it */
};

struct logs_client {
	/* Called once, maybe before logs_open returns: err is NULL, and
	 * logs_next may be called, or why not. */
	void (*opened)(void *arg, const struct err *err);
	/* There may be more. */
	void (*more)(void *arg);
	void *arg;
};

/* *ret is the caller's to logs_close, whatever it is told. -ENOMEM. */
int logs_open(struct identity *who, const logs_wish *wish,
    const struct logs_client *client, struct logs **ret, struct err *err);

/* The next piece: 1; 0 where there is none yet; -ENODATA at the end. */
int logs_next(struct logs *logs, struct logs_piece *ret);

/* NULL does nothing. */
void logs_close(struct logs *logs);
