// SPDX-License-Identifier: Apache-2.0
/*
 * The sandbox's log of output (common/output_log.h), as init writes it. Nothing
 * fails for want of it: what cannot be written is not in it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/output_log.h"

/* Where init is born with the file: behind what is group.h's. */
#define OUTPUT_FD 11

struct output {
	int fd; /* -1 = there is none */
	struct output_block head; /* of the block that is written to */
	bool is_begun; /* it is in the file */
};

/* Takes the descriptor over, where it is a file, and begins a life in it. */
void output_init(struct output *output, int fd);

/* Adds so many bytes, in as many records as that takes. */
void output_add(struct output *output, uint32_t process,
    enum output_stream stream, uint64_t at_ms, const void *data, size_t size);
