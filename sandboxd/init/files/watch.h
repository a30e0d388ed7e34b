// SPDX-License-Identifier: Apache-2.0
/* What changes in a folder, and in those below it, as it does (inotify(7)). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"

/* Folders of one watch: each costs the sandbox's memory about 1 KiB. */
#define WATCH_FOLDERS_MAX 8192

/*
 * Tells of each change, by its enum inside_change and its name below path,
 * until socket_fd has something to read, or has ended: 0. -errno with words:
 * path is no folder, there are too many, or changes came faster than they were
 * told and some are lost (EOVERFLOW).
 */
int watch_folder(int socket_fd, const char *path, bool is_recursive,
    void (*tell)(void *arg, uint32_t change, const char *name), void *arg,
    struct err *err);
