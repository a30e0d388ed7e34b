// SPDX-License-Identifier: Apache-2.0
/* What can befall a sandbox: the rows of common/event.def, by name. */
#pragma once

#include <stdbool.h>

/* Of what an event says, terminators included. */
#define EVENT_KIND_SIZE	 16
#define EVENT_ACTOR_SIZE 256
#define EVENT_CAUSE_SIZE 320

enum event_kind {
#define EVENT_KIND(name, ...) EVENT_KIND_##name,
#include "common/event.def"
	N_EVENT_KINDS
};

/* What it is called, and one line about it; static storage. */
const char *event_kind_name(enum event_kind kind);
const char *event_kind_words(enum event_kind kind);

/*
 * How E2B and its like have a kind: created, updated, paused, resumed or killed
 * of their sandbox.lifecycle; NULL: they have none. Static.
 */
const char *event_kind_lifecycle(enum event_kind kind);

/* The kind of that name; N_EVENT_KINDS where there is none. */
enum event_kind event_kind_find(const char *name);

/* Whether who holds a capability may say so. */
bool event_kind_is_holders(enum event_kind kind);
