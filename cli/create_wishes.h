// SPDX-License-Identifier: Apache-2.0
/* Options of a sandbox to be made, for the verbs that make one. */
#pragma once

#include <jansson.h>

#include "cli/limit_wishes.h"
#include "cli/options.h"
#include "cli/time_wishes.h"

struct create_wishes {
	const char *template_name, *image, *snapshot, *name;
	const char *egress, *rate, *mode;
	struct limit_wishes limits;
	struct time_wishes time;
	struct option_list env, metadata, labels, egress_limits, disks;
	bool is_ephemeral, is_private, is_resumed_by_hand, is_nesting;
};

/* Rows for those that create and run have by the same letters, filling in w. */
#define CREATE_WISHES(w)                                                       \
	{"snapshot", 's', OPTION_TEXT, &(w).snapshot},                         \
	{"name", 'n', OPTION_TEXT, &(w).name},                                 \
	LIMIT_WISHES((w).limits)                                               \
	{"env", 'e', OPTION_LIST, &(w).env},                                   \
	{"metadata", 0, OPTION_LIST, &(w).metadata},                           \
	{"label", 0, OPTION_LIST, &(w).labels},                                \
	{"mount", 0, OPTION_LIST, &(w).disks},                                 \
	{"egress", 0, OPTION_TEXT, &(w).egress},                               \
	{"egress-rate", 0, OPTION_TEXT, &(w).rate},                            \
	{"egress-limit", 0, OPTION_LIST, &(w).egress_limits},                  \
	{"private", 0, OPTION_FLAG, &(w).is_private},                          \
	{"nesting", 0, OPTION_FLAG, &(w).is_nesting},

/* Adds what was wished for to the body of a create. -EINVAL names the option,
 * its value and what is allowed. */
int create_wishes_add(const struct cli *cli,
    const struct create_wishes *wishes, json_t *body, struct err *err);
