// SPDX-License-Identifier: Apache-2.0
/*
 * Names that an archive has, in the folder that it is unpacked into: none of
 * them leads out of that, by "..", by a link or from the root, whoever put the
 * link there. The kernel sees to it (openat2(2), RESOLVE_BENEATH).
 */
#pragma once

#include <limits.h>
#include <stdbool.h>

#include "common/err.h"

/* The folder, and the one of it that was last asked for. */
struct beneath {
	int fd;		     /* of the folder; the caller's */
	int last_fd;	     /* -1 = none */
	char last[PATH_MAX]; /* its path */
};

/*
 * The folder that a path's last part is in, which is made where makes is set,
 * with those above it; *ret is the caller's, and *ret_name points into the
 * path, at "" for the folder itself. A "/" at the start or the end is as none.
 * The path is changed. -errno with words.
 */
int beneath_find(struct beneath *beneath, char *path, bool makes, int *ret,
    const char **ret_name, struct err *err);

/* An open folder, by its path; no link is followed at its end. -errno with
 * words. */
int beneath_open(const struct beneath *beneath, const char *path,
    struct err *err);

void beneath_fini(struct beneath *beneath);
