// SPDX-License-Identifier: Apache-2.0
/* Handlers of what is observed: what befell a sandbox (docs/EVENTS.md), and
 * what its processes wrote (docs/LOGS.md), a page of it or as it comes. */
#pragma once

#include "gateway/http/dialect/sandbox0/sandbox0.h"
#include "gateway/http/engine/outbox.h"

/* What a request has of both. */
struct sandbox0_range {
	uint64_t from_ms, to_ms; /* to_ms UINT64_MAX: no end */
	uint64_t limit;
	const char *cursor; /* "" = none */
	bool is_watched;
};

/* 0, or -EINVAL with the query that is wrong. */
int sandbox0_read_range(const struct exchange *exchange,
    struct sandbox0_range *ret, struct failure *failure);

/* Lines of JSON on their way. */
struct sandbox0_lines {
	struct outbox out;
	int failed; /* -errno */
};

/* A line of that type, with its data or, where that is NULL, with where to go
 * on from; takes over data. */
void sandbox0_add_line(struct sandbox0_lines *lines, const char *type,
    json_t *data, const char *cursor);

void sandbox0_list_observed_events(struct exchange *exchange);
void sandbox0_list_observed_logs(struct exchange *exchange);
