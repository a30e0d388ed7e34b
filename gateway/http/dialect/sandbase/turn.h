// SPDX-License-Identifier: Apache-2.0
/* What runner/turns.sh writes: turns of a talk, a line for each. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct turn {
	uint64_t number;
	uint64_t said_s, answered_s; /* Unix seconds; 0 = not yet */
	bool is_over;
	uint32_t exit_code;   /* of the runner, where it is over */
	uint64_t answer_bytes; /* all it answered, of which this may be less */
	const char *said, *answer, *complaint; /* base64; "-" = nothing */
};

/*
 * Reads the next from *at, lines that it changes. 1, 0 at the end, where
 * *ret_has_more says whether it is not that of all turns, -EBADMSG for anything
 * else.
 */
int turn_next(char **at, struct turn *ret, bool *ret_has_more);

/*
 * Appends its events to a list: what was said, what the runner answered, each
 * line of which may be an object with a "type", and how it failed. 0, -EBADMSG
 * or -ENOMEM.
 */
int turn_events(const struct turn *turn, const char *session_id,
    json_t *list);
