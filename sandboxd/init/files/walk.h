// SPDX-License-Identifier: Apache-2.0
/* All that is in a folder, and in those below it, without following a link. */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "common/err.h"

/* One that is met; it lives until the visit returns. */
struct walk_entry {
	int folder_fd;	  /* of the folder that it is in */
	const char *name; /* in that */
	const char *path; /* below the first folder */
	const struct stat *st;
};

/*
 * Visits each, a folder before what is in it, and not what goes meanwhile. File
 * systems of the kernel's own, such as /proc, are passed over. So is a folder
 * that is closed to the user or more than TREE_DEPTH_MAX deep, unless all is
 * wanted: then it is an error. A visit returns 0, or what ends the walk and is
 * returned. -errno with words where the first folder cannot be read.
 */
int walk_folder(const char *path, bool is_all_wanted,
    int (*visit)(void *arg, const struct walk_entry *entry, struct err *err),
    void *arg, struct err *err);
