// SPDX-License-Identifier: Apache-2.0
/* Options about what a sandbox may take: create's and set's. */
#pragma once

#include <jansson.h>

#include "common/err.h"

struct limit_wishes {
	const char *size, *memory, *cpus, *disk, *pids;
};

/* Their rows in a table of options. */
#define LIMIT_WISHES(wishes)                                                   \
	{"size", 0, OPTION_TEXT, &(wishes).size},                              \
	    {"memory", 'm', OPTION_TEXT, &(wishes).memory},                    \
	    {"cpus", 'c', OPTION_TEXT, &(wishes).cpus},                        \
	    {"disk", 'd', OPTION_TEXT, &(wishes).disk},                        \
	    {"pids", 0, OPTION_TEXT, &(wishes).pids},

/* Adds those that were given to a request's body. */
int limit_wishes_add(const struct limit_wishes *wishes, json_t *body,
    struct err *err);
