// SPDX-License-Identifier: Apache-2.0
/*
 * The heads of a WebSocket's frames as they pass by (RFC 6455, 5.2 and 5.5):
 * of those that cannot be, wslay says no more than that it failed, with a close
 * that has no code.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed: before the first frame. */
struct frame_heads {
	enum { HEAD_FIRST, HEAD_SECOND, HEAD_LENGTH, HEAD_MASK,
		HEAD_PAYLOAD } step;
	bool is_control;
	uint8_t n_length; /* bytes of its length behind the second */
	uint8_t n_left;	  /* bytes of this step that are to come */
	bool is_masked;
	uint64_t payload_left;
};

/*
 * Reads the next bytes. How many of them belong to frames that can be; fewer
 * than size: *ret_problem is what is wrong with the next, static, and nothing
 * behind it means anything.
 */
size_t frame_heads_read(struct frame_heads *heads, const uint8_t *data,
    size_t size, const char **ret_problem);
