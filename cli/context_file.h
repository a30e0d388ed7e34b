// SPDX-License-Identifier: Apache-2.0
/*
 * Named contexts: where an API is, and who to be there. They are kept in INI
 * form in $SANDGATE_CONFIG, or sandgate/config.ini below $XDG_CONFIG_HOME or
 * ~/.config, which is nobody else's to read.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/err.h"

#define CONTEXTS_MAX	   32
#define CONTEXT_NAME_SIZE  64
#define CONTEXT_VALUE_SIZE 180 /* what fits a line of inih's, with its name */

struct context {
	char name[CONTEXT_NAME_SIZE];
	/* "" = not said; api or socket, not both. */
	char api[CONTEXT_VALUE_SIZE], socket[CONTEXT_VALUE_SIZE];
	char token[CONTEXT_VALUE_SIZE];
	char org[CONTEXT_VALUE_SIZE], user[CONTEXT_VALUE_SIZE];
};

struct context_file {
	char path[PATH_MAX]; /* "" = there is no home to have one in */
	char current[CONTEXT_NAME_SIZE]; /* "" = none */
	struct context contexts[CONTEXTS_MAX];
	size_t n;
};

/*
 * Reads the file into *ret; one that there is not has none. -EPERM where others
 * may read or write it, or it is another's; -EINVAL names file and line.
 */
int context_file_read(struct context_file *ret, struct err *err);

/* Writes all of it, whole or not at all, with mode 0600, and its folder where
 * there is none. */
int context_file_write(const struct context_file *file, struct err *err);

/* One by its name, or NULL. */
struct context *context_file_find(struct context_file *file,
    const char *name);

/* Sets a value of a context; text NULL leaves it. -EINVAL names the field for
 * what cannot be kept: blanks, control characters, too long. */
int context_set(char value[CONTEXT_VALUE_SIZE], const char *field,
    const char *text, struct err *err);
