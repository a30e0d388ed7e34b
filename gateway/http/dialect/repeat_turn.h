// SPDX-License-Identifier: Apache-2.0
/* Requests of one Idempotency-Key, one after the other: the second looks for
 * what the first has made once that is there, however soon it is over. */
#pragma once

#include <stdbool.h>
#include <sys/queue.h>

#include "gateway/http/dialect/repeat_key.h"

struct repeat_turn {
	/* The caller's, set before. */
	const char *place; /* within which a key counts; outlives the turn */
	char key[REPEAT_HASH_SIZE];
	void (*begin)(void *arg); /* its turn has come; called once */
	void *arg;
	/* The rest is repeat_turn.c's. */
	LIST_ENTRY(repeat_turn) link;
	bool is_waiting;
};

/* Calls begin now, or once those before it have ended. */
void repeat_turn_begin(struct repeat_turn *turn);

/* What was asked for is there, or will not be. It may be freed then. */
void repeat_turn_end(struct repeat_turn *turn);
