// SPDX-License-Identifier: Apache-2.0
/* One event of a sandbox's log, and chains of them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/event.h"
#include "common/parse.h"

struct event {
	struct event *next;
	uint64_t id; /* by the order they were kept in; 0 before that */
	uint64_t at_ms;
	char org[64], sandbox_id[SANDBOX_ID_SIZE];
	uint64_t owner_id; /* of the sandbox, with is_private */
	bool is_private;
	enum event_kind kind;
	char actor[EVENT_ACTOR_SIZE]; /* an audit name, or EVENT_HOST */
	char cause[EVENT_CAUSE_SIZE];
};

/* The actor of what nobody asked for. */
#define EVENT_HOST "host"

/* Adds one at the end of a chain, which owns it. */
void event_append(struct event **chain, struct event *event);

/* Frees a chain, and leaves it empty. */
void event_free_all(struct event **chain);
