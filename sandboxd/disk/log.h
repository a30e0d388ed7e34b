// SPDX-License-Identifier: Apache-2.0
/*
 * Where the log of what a sandbox's processes wrote is (common/output_log.h): a
 * file of its disk, under its limit, which nothing in the sandbox has a path
 * to, and once that is gone a file of the pool's. Nobody here looks into it.
 * All but disk_log_read is for workers.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sandboxd/disk/disk.h"

/* The file of a disk. */
#define DISK_LOG "log"

/* A descriptor to write it by, the caller's; it is made where there is none. */
int disk_log_open(const struct disk_pool *pool, const char *id,
    struct err *err);

/* One to read it by, with *ret_is_gone = 1 where the disk is no more: the
 * caller's. -ENOENT: nothing is kept. */
int disk_log_read(const struct disk_pool *pool, const char *id,
    uint32_t *ret_is_gone, struct err *err);

/* Removes it from a disk that was copied from another's. */
int disk_log_drop(const struct disk_pool *pool, const char *id,
    struct err *err);

/* Has it outlive its disk, which is about to go, where `is_kept`; whoever reads
 * it sees then that it has no name any more. None there is no error. */
int disk_log_leave(const struct disk_pool *pool, const char *id, bool is_kept,
    struct err *err);

/* Hands it on from the disk in one folder to that in the other, which takes its
 * place. */
int disk_log_hand_on(const char *from, const char *to, struct err *err);

/* Removes those of disks that went before then (Unix seconds), and the oldest
 * of the others while all together have more than so many bytes. */
int disk_log_tidy(const struct disk_pool *pool, int64_t before_s,
    uint64_t bytes_max, struct err *err);
