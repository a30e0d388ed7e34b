// SPDX-License-Identifier: Apache-2.0
/*
 * Reading a sandbox's log of output (common/output_log.h), which is believed in
 * nothing: whatever is in it, each call ends, and what it says is in the file.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/output_log.h"

struct log_record {
	uint64_t at_ms;
	uint32_t process, life;
	enum output_stream stream;
	const uint8_t *data; /* until the next call */
	size_t size;
	uint64_t sequence; /* of its block */
	uint32_t offset;   /* in that */
};

struct log_file {
	int fd; /* -1: nothing is in it */
	uint32_t life_min, life_max; /* others are passed over */
	uint64_t sequence; /* of the block that is read; 0: none yet */
	uint64_t sequence_max; /* no later one is */
	uint32_t offset; /* of the next record in it */
	struct output_block head;
	uint8_t records[OUTPUT_BLOCK_BYTES - sizeof(struct output_block)];
};

/* What there is of it. */
struct log_extent {
	uint64_t oldest, newest; /* blocks; 0: there are none */
	uint32_t life;		 /* of the newest */
};

void log_file_look(int fd, struct log_extent *ret);

/* From its beginning on; the descriptor stays the caller's. */
void log_file_begin(struct log_file *file, int fd);

/* From a place on that log_file_next has told, or the first that is there
 * still; any place does no harm. */
void log_file_seek(struct log_file *file, uint64_t sequence, uint32_t offset);

/* Another file that has the same in it, and goes on. */
void log_file_move(struct log_file *file, int fd);

/* The next record: 1, or 0 where there is none, yet. */
int log_file_next(struct log_file *file, struct log_record *ret);
