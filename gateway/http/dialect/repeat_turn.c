// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/repeat_turn.h"

#include <string.h>

/* Of all requests that are not answered yet: few. */
static LIST_HEAD(, repeat_turn) turns;

static bool
is_same(const struct repeat_turn *one, const struct repeat_turn *other)
{
	return strcmp(one->key, other->key) == 0 &&
	    strcmp(one->place, other->place) == 0;
}

void
repeat_turn_begin(struct repeat_turn *turn)
{
	const struct repeat_turn *other;

	turn->is_waiting = false;
	LIST_FOREACH(other, &turns, link)
		turn->is_waiting |= is_same(turn, other);
	LIST_INSERT_HEAD(&turns, turn, link);
	if (!turn->is_waiting)
		turn->begin(turn->arg);
}

void
repeat_turn_end(struct repeat_turn *turn)
{
	struct repeat_turn *next;

	LIST_REMOVE(turn, link);
	LIST_FOREACH(next, &turns, link)
		if (is_same(turn, next)) {
			next->is_waiting = false;
			next->begin(next->arg);
			return;
		}
}
