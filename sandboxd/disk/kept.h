// SPDX-License-Identifier: Apache-2.0
/*
 * Trees that outlive sandboxes: what disks have that are mounted into them
 * (docs/DISKS.md). One is a disk as sandboxes have them, under a limit of its
 * own, in a folder of its organisation's.
 */
#pragma once

#include <stdbool.h>

#include "sandboxd/disk/disk.h"

#define DISK_KEPT ".kept"

/* 0, or -EOPNOTSUPP with the back end named: it has no limits. */
int kept_check(const struct disk_pool *pool, struct err *err);

/*
 * The folder of an organisation's disk, as disk_path has one, to path
 * [DISK_PATH_SIZE]. Makes it under the limit where is_making and there is none,
 * and what was made in half; -ENOENT where there is none.
 */
int kept_open(const struct disk_pool *pool, const char *org, const char *id,
    bool is_making, uint64_t limit_bytes, char *path, struct err *err);

/* An empty folder, to path[DISK_PATH_SIZE]. */
int kept_empty_folder(const struct disk_pool *pool, char *path,
    struct err *err);

/* Deletes one; one that is gone is no error. */
int kept_remove(const struct disk_pool *pool, const char *org, const char *id,
    struct err *err);

/* Calls found for each there is. */
int kept_list(const struct disk_pool *pool,
    void (*found)(const char *org, const char *id, void *data), void *data,
    struct err *err);
