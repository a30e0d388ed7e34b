// SPDX-License-Identifier: Apache-2.0
/* Options about when a sandbox changes by itself: create's and set's. */
#pragma once

#include <jansson.h>

#include "common/err.h"

struct time_wishes {
	const char *ttl, *timeout, *hard_ttl, *idle_timeout, *on_expiry;
};

/* Their rows in a table of options. */
#define TIME_WISHES(wishes)                                                    \
	{"ttl", 0, OPTION_TEXT, &(wishes).ttl},                                \
	    {"timeout", 0, OPTION_TEXT, &(wishes).timeout},                    \
	    {"hard-ttl", 0, OPTION_TEXT, &(wishes).hard_ttl},                  \
	    {"idle-timeout", 0, OPTION_TEXT, &(wishes).idle_timeout},          \
	    {"on-expiry", 0, OPTION_TEXT, &(wishes).on_expiry},

/* Adds those that were given to a request's body. */
int time_wishes_add(const struct time_wishes *wishes, json_t *body,
    struct err *err);
