// SPDX-License-Identifier: Apache-2.0
/*
 * The file with what processes of a sandbox wrote (docs/LOGS.md): a ring of
 * blocks, each of one place, in each of which are records. Its init writes it,
 * gateway-http reads it, and nobody who is root does more than copy it.
 * Numbers are in the host's order. Whoever reads one believes nothing of it:
 * what does not fit its block is the end of the block.
 */
#pragma once

#include <stdint.h>

#define OUTPUT_BLOCK_BYTES 16384
#define OUTPUT_BLOCKS	   64
/* The most there is of a sandbox's output on the disk. */
#define OUTPUT_LOG_BYTES (OUTPUT_BLOCK_BYTES * OUTPUT_BLOCKS)

#define OUTPUT_BLOCK_MAGIC 0x53474c31 /* "SGL1" */

/* At the start of each. Block `sequence`, from 1 on, is at the place
 * sequence % OUTPUT_BLOCKS. */
struct output_block {
	uint32_t magic;
	uint32_t life; /* of the sandbox: how often it was started */
	uint64_t sequence;
	uint32_t used; /* bytes after this, up to which there are records */
	uint32_t unused;
};

enum output_stream {
	OUTPUT_STDOUT,
	OUTPUT_STDERR,
	OUTPUT_STARTED, /* not what it wrote, but what it is */
	N_OUTPUT_STREAM
};

/* Bytes follow; no record goes over the end of its block. */
struct output_record {
	uint64_t at_ms; /* Unix time */
	uint32_t process;
	uint16_t size;
	uint8_t stream;
	uint8_t unused;
};

/* Most bytes of one. */
#define OUTPUT_RECORD_MAX                                                      \
	(OUTPUT_BLOCK_BYTES - sizeof(struct output_block) -                    \
	    sizeof(struct output_record))
