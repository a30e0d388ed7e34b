// SPDX-License-Identifier: Apache-2.0
/*
 * The lines that left a screen at its top, as painted bytes. Every line has a
 * number that never changes; the oldest are forgotten where there are too many.
 */
#pragma once

#include "sandboxd/init/terminal/buffer.h"

#define HISTORY_LINES_MAX 10000
#define HISTORY_BYTES_MAX (4 * 1024 * 1024)

struct history_line {
	uint8_t *data;
	uint32_t size;
	uint64_t hash; /* paint_hash of it */
};

struct history {
	struct history_line *lines; /* a ring of HISTORY_LINES_MAX */
	uint64_t first, end;	    /* numbers of those that are kept */
	size_t bytes;
};

/* Adds a copy of a painted line; without memory for it, it is lost. */
void history_add(struct history *history, const struct buffer *painted,
    uint64_t hash);

/* The line of a number between first and end. */
const struct history_line *history_line(const struct history *history,
    uint64_t number);

/* Forgets every line; numbers go on. */
void history_clear(struct history *history);

void history_fini(struct history *history);
