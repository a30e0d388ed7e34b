// SPDX-License-Identifier: Apache-2.0
#include "common/event.h"

#include <string.h>

enum raiser { HOST, HOLDER, NOBODY };

static const struct {
	const char *name, *words;
	enum raiser raiser;
} rows[N_EVENT_KINDS] = {
#define EVENT_KIND(name, shown, raiser, words)                                 \
	[EVENT_KIND_##name] = {shown, words, raiser},
#include "common/event.def"
};

const char *
event_kind_name(enum event_kind kind)
{
	return rows[kind].name;
}

const char *
event_kind_words(enum event_kind kind)
{
	return rows[kind].words;
}

const char *
event_kind_lifecycle(enum event_kind kind)
{
	switch (kind) {
	case EVENT_KIND_CREATED:
		return "created";
	case EVENT_KIND_CHANGED:
	case EVENT_KIND_RESIZED:
	case EVENT_KIND_RESTORED:
		return "updated";
	case EVENT_KIND_PAUSED:
	case EVENT_KIND_SUSPENDED:
		return "paused";
	case EVENT_KIND_RESUMED:
	case EVENT_KIND_WOKEN:
		return "resumed";
	case EVENT_KIND_DESTROYED:
		return "killed";
	default:
		return NULL;
	}
}

enum event_kind
event_kind_find(const char *name)
{
	int kind = 0;

	while (kind < N_EVENT_KINDS && strcmp(rows[kind].name, name) != 0)
		kind++;
	return (enum event_kind)kind;
}

bool
event_kind_is_holders(enum event_kind kind)
{
	return rows[kind].raiser == HOLDER;
}
