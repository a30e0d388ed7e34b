// SPDX-License-Identifier: Apache-2.0
/*
 * Options of a verb, as a table. The global ones (--json, --socket, --api,
 * --org, --user) are understood everywhere, so they may stand before or after
 * the verb.
 */
#pragma once

#include "cli/cli.h"

#define OPTIONS_LIST_MAX 256

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_LIST };

struct option_list {
	const char *items[OPTIONS_LIST_MAX];
	size_t n;
};

struct option_row {
	const char *name; /* as in --name */
	char letter;	  /* as in -n; 0: none */
	enum option_kind kind;
	void *target; /* bool, const char * or struct option_list */
};

/*
 * Reads options out of argv and moves the other words together at its start:
 * argv[0] stays. What follows "--" is never an option and begins at
 * argv[*ret_rest] (or *ret_rest is the new argc, which is returned).
 * -EINVAL with words for an unknown option or a missing value. Every row has
 * its words in cli/options.def under the verb argv[0]; a test sees to that.
 */
int options_parse(struct cli *cli, const struct option_row *rows, size_t n,
    int argc, char **argv, int *ret_rest, struct err *err);

/* For tests: told of every verb's rows, when they are used. NULL: nobody. */
extern void (*options_observer)(const char *verb,
    const struct option_row *rows, size_t n);

/* Only the global ones, up to the verb. Returns the verb's index in argv. */
int options_parse_global(struct cli *cli, int argc, char **argv,
    struct err *err);
