// SPDX-License-Identifier: Apache-2.0
/* What disk.c and its two back ends share; nobody else includes this. */
#pragma once

#include <stdbool.h>

#include "sandboxd/disk/disk.h"

/* One copy: folders are those of a pool, names are entries in them. */
struct disk_copy {
	const char *from_folder, *from_name;
	const char *to_folder, *to_name;
	uint64_t was_bytes, limit_bytes; /* limits: of the one, of the other */
	bool is_readonly;
};

struct disk_backend {
	/* Makes the empty folder of a disk under its limit. -EEXIST. */
	int (*create)(const struct disk_pool *pool, const char *id,
	    uint64_t limit_bytes, struct err *err);
	/* NULL where there are no limits. */
	int (*limit)(const struct disk_pool *pool, const char *id,
	    uint64_t limit_bytes, struct err *err);
	/* As disk_counts. NULL where there are no limits. */
	int (*counts)(const struct disk_pool *pool, const char *id,
	    char ret[DISK_PATH_SIZE], struct err *err);
	/*
	 * Takes it away from its place at once; one that is gone is no error.
	 * Returns 1 where collect has still to delete what was in it, under
	 * the same name, else 0 or -errno.
	 */
	int (*discard)(
	    const struct disk_pool *pool, const char *id, struct err *err);
	/*
	 * Makes a disk of what another has at this moment, sharing its blocks.
	 * *ret_bytes is how much is in it. NULL where this back end cannot.
	 * -ENOENT, -EEXIST.
	 */
	int (*copy)(const struct disk_pool *pool, const struct disk_copy *copy,
	    uint64_t *ret_bytes, struct err *err);
	/* Removes what copy made from a folder; one that is gone is no error.
	 */
	int (*remove_copy)(
	    const char *folder, const char *name, struct err *err);
	/* Forgets what the file system keeps of disks that are gone. NULL where
	 * it keeps nothing. */
	int (*tidy)(const struct disk_pool *pool, struct err *err);
	/* Deletes what discard left, which takes as long as it takes. NULL
	 * where it never leaves anything. */
	int (*collect)(
	    const struct disk_pool *pool, const char *id, struct err *err);
	/*
	 * Makes `name` in the folder of folder_fd, on the same file system, a
	 * copy without a limit of what the folder at path is at one instant,
	 * which remove_copy removes. -EEXIST. NULL where it cannot.
	 */
	int (*make_layer)(const char *path, int folder_fd, const char *name,
	    struct err *err);
	/* Takes the leave to write from such a copy, for good. */
	int (*seal_layer)(int fd, struct err *err);
};

struct disk_pool {
	const struct disk_backend *backend;
	const char *name;	   /* of the back end, for people */
	char path[DISK_PATH_SIZE]; /* of the folder with the disks */
	bool is_pool_file;	   /* what is mounted there is our file */
};

/* The folder in a pool with what was discarded, by id. No disk's name. */
#define DISK_TRASH ".trash"

/* The folder in a pool with snapshots, by id. No disk's name. */
#define DISK_SNAPSHOTS ".snapshots"

/* And that with the layers, by id. */
#define DISK_LAYERS ".layers"

/* The folder in a pool with disks that are to take another's place. */
#define DISK_RESTORES ".restores"

extern const struct disk_backend disk_btrfs;
extern const struct disk_backend disk_plain;

/* Whether path is on btrfs: 1, 0 or -errno. */
int disk_is_btrfs(const char *path, struct err *err);

/*
 * Turns quotas on for the file system of path, simple ones where the kernel
 * has them and no others are on yet. *ret_name is what it came to be.
 */
int disk_btrfs_enable_quota(
    const char *path, const char **ret_name, struct err *err);

/*
 * Makes `file` a btrfs image of at most file_bytes unless it is there, and
 * mounts it at path. A file that was begun and not finished is made anew.
 */
int disk_btrfs_mount_file(
    const char *file, uint64_t file_bytes, const char *path, struct err *err);
