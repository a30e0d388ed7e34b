// SPDX-License-Identifier: Apache-2.0
/* Logs of events, once or as they grow. */
#pragma once

#include <jansson.h>

#include "cli/cli.h"

/* One that the API has. */
struct events_log {
	const char *verb;   /* whose usage is told */
	const char *path;   /* below /v1/ or /v1/sandboxes/ID/ */
	const char *member; /* the list of a page */
	void (*print)(const json_t *event); /* a line, for people */
};

/* What of it, as options have it; NULL where they were left out. */
struct events_wish {
	const char *id, *since, *limit, *kinds;
	bool is_following;
};

/* Prints it. An exit code of the verb. */
int events_print(struct cli *cli, const struct events_log *log,
    const struct events_wish *wish);
