// SPDX-License-Identifier: Apache-2.0
/*
 * What goes over the socket of process_attach (init.def), a datagram a frame:
 * this header, then bytes. Numbers are in the host's order. Whoever receives
 * one checks its size before anything else; bytes are what they are.
 */
#pragma once

#include <stdint.h>

/* Most bytes after the header. */
#define TASK_FRAME_DATA_MAX 16384

enum task_frame_kind {
	/* From init. position is that of the first byte, at_ms Unix time. */
	TASK_FRAME_STDOUT = 1,
	TASK_FRAME_STDERR = 2,
	/* value bytes before position are no longer there. */
	TASK_FRAME_GAP = 3,
	/* The last: value is a wait(2) status, flags enum task_frame_flags. */
	TASK_FRAME_EXITED = 4,
	/* As the first two, from its channel (process_start_channel). */
	TASK_FRAME_CHANNEL = 5,
	/* Of a view that ends at what there was: the last, at position. */
	TASK_FRAME_STOPPED = 6,
	/* To a quiet view: value bytes of its input have been written. */
	TASK_FRAME_TAKEN = 7,
	/* To a quiet view: what came after those is lost, nobody reads it. */
	TASK_FRAME_REFUSED = 8,

	/* To init. */
	TASK_FRAME_INPUT = 16,	   /* bytes for stdin */
	TASK_FRAME_INPUT_END = 17, /* no more; on a terminal, ^D */
	TASK_FRAME_RESIZE = 18,	   /* value: rows << 16 | columns */
};

enum task_frame_flags {
	TASK_FRAME_TIMED_OUT = 1 << 0, /* its time limit ended it */
	TASK_FRAME_OOM = 1 << 1, /* the sandbox's memory limit did */
};

struct task_frame {
	uint32_t kind;
	uint32_t flags;
	uint64_t value;
	uint64_t position;
	uint64_t at_ms;
};
