// SPDX-License-Identifier: Apache-2.0
/*
 * The quota of the sandbox's disk, of which statfs(2) knows nothing: it tells
 * of the pool that all disks are in.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/statvfs.h>

#define QUOTA_FILES 5

struct quota {
	int fds[QUOTA_FILES]; /* -1 = opened when it is asked for */
};

/* What tells of it (sandboxd/recipe/disk_view.h) is opened each time, so that
 * it takes none of the files that one may have open. */
void quota_init(struct quota *quota);
/* But from here on it is open, for whoever will not be able to open it. */
void quota_open(struct quota *quota);
void quota_close(struct quota *quota);

/*
 * Puts what the quota says in place of the pool's blocks of block_bytes each:
 * as many free as the quota leaves, and the pool has. false: there is no quota,
 * and nothing is changed.
 */
bool quota_apply(const struct quota *quota, uint64_t block_bytes,
    uint64_t *blocks, uint64_t *free_blocks, uint64_t *available);

/*
 * As statvfs(3) of a path, and of an open file where the path is NULL, but that
 * what is on the sandbox's disk has the blocks of its quota. 0, or -1 and
 * errno.
 */
int quota_statvfs(const struct quota *quota, const char *path, int fd,
    struct statvfs *ret);
