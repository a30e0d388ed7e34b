// SPDX-License-Identifier: Apache-2.0
/*
 * Where sandboxes keep what they write, each under a limit. A pool is a folder
 * with one disk a sandbox; a disk is a folder with `up` and `work` in it for
 * overlayfs and `tmp` for /tmp, stored with the uids the sandbox itself sees.
 * Back ends:
 *	btrfs	a subvolume with a quota each (simple quotas where the kernel
 *		has them, else qgroups), on the pool's own file system or on a
 *		loop-mounted pool file made for it
 *	plain	a directory, no limit; said loudly in the log
 */
#pragma once

#include <stdint.h>

#include "common/err.h"

#define DISK_PATH_SIZE 512

/* The folder of a disk that a sandbox has as its /tmp. */
#define DISK_TMP "tmp"

/* The folder of a disk, and of a layer, that overlayfs stacks. */
#define DISK_UP "up"

struct disk_pool;

struct disk_usage {
	uint64_t total_bytes;
	uint64_t free_bytes;
};

/*
 * Opens the pool at folder/disks, making and mounting folder/disks.btrfs (a
 * sparse file of at most file_bytes, and no more than half of what the file
 * system has free) where folder is not on btrfs. `backend` is "auto", "btrfs"
 * or "plain". Idempotent: a pool that is mounted is used as it is. Uses
 * mkfs.btrfs once, when the file is made.
 */
int disk_pool_open(const char *folder, const char *backend,
    uint64_t file_bytes, struct disk_pool **ret, struct err *err);
void disk_pool_free(struct disk_pool *pool);

/* Unmounts what disk_pool_open mounted and lets go of the loop device. */
int disk_pool_unmount(struct disk_pool *pool, struct err *err);

/* "btrfs simple quota", "btrfs qgroup" or "plain"; static storage. */
const char *disk_backend(const struct disk_pool *pool);
int disk_pool_usage(const struct disk_pool *pool, struct disk_usage *ret,
    struct err *err);

/* Makes a disk with its limit. -EEXIST where there is one. */
int disk_create(struct disk_pool *pool, const char *id, uint64_t limit_bytes,
    struct err *err);

/* Whether a disk of this pool can be copied as a whole: 0, or -EOPNOTSUPP with
 * the back end named. */
int disk_check_copies(const struct disk_pool *pool, struct err *err);

/*
 * Makes a disk with what another has at this moment, blocks shared, and a limit
 * no less than the other's, which was_bytes is. What they share counts for the
 * new one as it does for the other. What is written to the other while this
 * goes on may be in it in part: who wants an instant has its writers stand
 * still. *ret_bytes is how much is in it. -ENOENT where there is no such
 * other, -EEXIST, -EOPNOTSUPP.
 */
int disk_copy(struct disk_pool *pool, const char *from, uint64_t was_bytes,
    const char *id, uint64_t limit_bytes, uint64_t *ret_bytes,
    struct err *err);

/* The same of a disk that may not change any more, and has another kind of id;
 * and a disk made from one. */
int disk_snapshot(struct disk_pool *pool, const char *from,
    uint64_t limit_bytes, const char *snapshot, uint64_t *ret_bytes,
    struct err *err);
int disk_create_from(struct disk_pool *pool, const char *snapshot,
    uint64_t was_bytes, const char *id, uint64_t limit_bytes,
    struct err *err);

/*
 * Puts a disk made from a snapshot in the place of one that nobody uses, at
 * once: whoever looks finds the one or the other. What was in the way is
 * deleted. disk_drop_unfinished deletes what one that was cut short left.
 */
int disk_restore(struct disk_pool *pool, const char *snapshot,
    uint64_t was_bytes, const char *id, uint64_t limit_bytes,
    struct err *err);
int disk_drop_unfinished(struct disk_pool *pool, struct err *err);

/* Deletes a snapshot; one that is gone is no error. */
int disk_remove_snapshot(struct disk_pool *pool, const char *snapshot,
    struct err *err);

/* Calls found(id, data) for every snapshot there is. */
int disk_list_snapshots(struct disk_pool *pool,
    void (*found)(const char *id, void *data), void *data, struct err *err);

/* Forgets what the file system keeps of disks and snapshots that are gone, once
 * nobody has their blocks. Takes milliseconds for a thousand disks. */
int disk_tidy(struct disk_pool *pool, struct err *err);

/* Gives a disk another limit. -ENOENT. */
int disk_limit(struct disk_pool *pool, const char *id, uint64_t limit_bytes,
    struct err *err);

/*
 * Where the kernel tells a disk's limit and use, as it is at each reading:
 * writes to ret[DISK_PATH_SIZE] the folder with its `max_referenced`, its
 * `referenced`, and in three of `rsv_...` what was written and is not yet in
 * that; in bytes (btrfs's in /sys, Linux 5.9). Returns 1, 0 where it does not
 * tell, or -errno.
 */
int disk_counts(const struct disk_pool *pool, const char *id, char *ret,
    struct err *err);

/*
 * Empties its DISK_TMP, of which no process may be left that uses it, and makes
 * it where a disk has none yet. -EBUSY where that takes longer than timeout_ms
 * (0: it may take as long as it takes); what is left then stays.
 */
int disk_empty_tmp(struct disk_pool *pool, const char *id,
    unsigned timeout_ms, struct err *err);

/* Deletes a disk and all in it, however long that takes; one that is gone is no
 * error. disk_discard, and disk_collect where that leaves something. */
int disk_destroy(struct disk_pool *pool, const char *id, struct err *err);

/*
 * Takes a disk away at once, so that no path leads to it; one that is gone is
 * no error. Returns 1 where its files are still to be deleted by disk_collect,
 * 0 where nothing is left, or -errno. What is left outlives us, and
 * disk_list_trash finds it.
 */
int disk_discard(struct disk_pool *pool, const char *id, struct err *err);

/* Deletes what disk_discard left of a disk. Takes as long as the tree is large;
 * nothing left is no error. */
int disk_collect(struct disk_pool *pool, const char *id, struct err *err);

/* Returns when all that was written to a disk is on the device, and with it
 * what else its file system has to write: that may take. -ENOENT. */
int disk_sync(const struct disk_pool *pool, const char *id, struct err *err);

/* Writes the folder of a disk to path[DISK_PATH_SIZE]. */
int disk_path(const struct disk_pool *pool, const char *id, char *path,
    struct err *err);

/* Calls found(id, data) for every disk there is. */
int disk_list(struct disk_pool *pool, void (*found)(const char *id, void *data),
    void *data, struct err *err);

/* Calls found(id, data) for every disk discarded and not collected. */
int disk_list_trash(struct disk_pool *pool,
    void (*found)(const char *id, void *data), void *data, struct err *err);
