// SPDX-License-Identifier: Apache-2.0
/*
 * The log of what befell sandboxes: a table of the registry, so that an event
 * of a change is in the transaction of that change. It is bounded for each
 * sandbox and each organisation, whose oldest go, and what is left of a sandbox
 * goes with its tombstone.
 */
#pragma once

#include "sandboxd/registry/event.h"
#include "sandboxd/registry/registry.h"

/* Keeps one, and gives it its id. */
int event_log_add(struct registry *registry, struct event *event,
    struct err *err);

/* What is looked for; view->since_ms is of the event. */
struct event_query {
	const struct registry_view *view; /* NULL: every organisation's */
	const char *sandbox_id;		  /* "" = of all */
	uint64_t after_id;
	const char *kinds; /* ",paused,oom,"; "" = all */
	bool is_newest;	   /* the newest of them; the same order */
	/* Ends of times that sandboxes ran, in place of kinds: the cause is
	 * "FROM_MS CAUSE", when that began and what was said of that. */
	bool is_usage;
	unsigned limit;
};

/* Up to query->limit of them, in order of id; returns how many, and in
 * *ret_last_id the newest that there ever was. */
int event_log_read(struct registry *registry, const struct event_query *query,
    struct event *ret, uint64_t *ret_last_id, struct err *err);
