// SPDX-License-Identifier: Apache-2.0
/* What is done to names rather than to what is in files. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "common/err.h"

/* Folders in one another that are removed at once. */
#define TREE_DEPTH_MAX 256

/* An errno about a path, as an error whose words say the path. */
int tree_fail(struct err *err, int code, const char *path);

/* Makes a folder, and those above it that do not exist. One that is there is
 * as good. 0 or -errno with words, as below. */
int tree_make_folder(const char *path, mode_t mode, struct err *err);

/* Removes a file, a link, or a folder, which has to be empty unless
 * is_recursive. */
int tree_remove(const char *path, bool is_recursive, struct err *err);

/* Renames; an existing target is EEXIST unless it is to be replaced. */
int tree_move(const char *path, const char *target, bool replaces,
    struct err *err);
