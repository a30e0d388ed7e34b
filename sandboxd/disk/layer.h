// SPDX-License-Identifier: Apache-2.0
/*
 * Read-only copies of disks, which others are stacked on: a folder each in
 * POOL/.layers, with the disk's DISK_UP in it and the files that layer_make
 * was given. An id is the caller's choice, a file name. It takes a back end
 * that copies: btrfs. All of this blocks, and is for workers, but layer_list,
 * layer_read and layer_get_label, which read what is small.
 */
#pragma once

#include <stddef.h>

#include "sandboxd/disk/disk.h"

struct layer_file {
	const char *name;
	const void *data;
	size_t size;
};

/* -EOPNOTSUPP, and what to do about it, where no layer can be made. */
int layer_check(const struct disk_pool *pool, struct err *err);

/*
 * Makes layer `id` of what the disk is at one instant, without its /tmp, adds
 * the files, and seals it: it is on the device, and nobody writes to it any
 * more. On an error nothing of it is left that layer_drop would not remove.
 * -ENOENT where the disk is gone.
 */
int layer_make(const struct disk_pool *pool, const char *disk_id,
    const char *id, const struct layer_file *files, size_t n_files,
    struct err *err);

/* Deletes one, whoever still has it mounted; one that is gone is no error. */
int layer_drop(const struct disk_pool *pool, const char *id, struct err *err);

/* Writes the path of its DISK_UP to path[DISK_PATH_SIZE]. */
int layer_path(const struct disk_pool *pool, const char *id, char *path,
    struct err *err);

/* Reads a file of one, of at most size_max bytes, into *ret, the caller's to
 * free. */
int layer_read(const struct disk_pool *pool, const char *id, const char *name,
    size_t size_max, char **ret, size_t *ret_size, struct err *err);

/* Calls found(id, data) for every layer there is. */
int layer_list(const struct disk_pool *pool,
    void (*found)(const char *id, void *data), void *data, struct err *err);

/*
 * Labels: names that lead to one layer each, or to none. layer_set_label with
 * id NULL removes one. The change is whole, and on the device when it returns.
 * layer_get_label writes the id to ret[size]: -ENOENT where there is none.
 */
int layer_set_label(const struct disk_pool *pool, const char *label,
    const char *id, struct err *err);
int layer_get_label(const struct disk_pool *pool, const char *label,
    char *ret, size_t size, struct err *err);
