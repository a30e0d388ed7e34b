// SPDX-License-Identifier: Apache-2.0
/*
 * The one tmpfs of a sandbox's own of which folders are mounted in several of
 * its places. Each mounted file system costs the memory group of every sandbox
 * of the host some bytes (its shrinker), however little is in it, so there are
 * no more of them than have a limit of their own.
 */
#pragma once

#include <stdint.h>

#include "common/err.h"

/*
 * Mounts it at `place`, a folder of the caller's own mount namespace, and opens
 * it; the caller closes. It is as large as the memory folder "run"
 * (memory_folders.h) under that limit of memory, and its folders are
 * MEMORY_PLACE_DEV and MEMORY_PLACE_RUN, uid `owner` of the host, and for what
 * is not to be written MEMORY_PLACE_EMPTY, MEMORY_PLACE_GROUPS and
 * MEMORY_PLACE_DISK, the host's root's.
 */
int memory_place_make(const char *place, uint32_t owner,
    uint64_t memory_limit_bytes, int *ret_fd, struct err *err);

#define MEMORY_PLACE_DEV    "dev"
#define MEMORY_PLACE_RUN    "run"
#define MEMORY_PLACE_EMPTY  "empty"
#define MEMORY_PLACE_GROUPS "groups"
#define MEMORY_PLACE_DISK   "disk"

/*
 * Mounts one of these over `path`, below the current folder, with these
 * attributes beside MOUNT_ATTR_NOSUID (mount_setattr(2)). -ENOENT where there
 * is no such path.
 */
int memory_place_put(int place_fd, const char *folder, const char *path,
    uint64_t attributes, struct err *err);
