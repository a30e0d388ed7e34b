// SPDX-License-Identifier: Apache-2.0
/*
 * Which disks a sandbox has where (docs/DISKS.md), as text: "ID:/PATH" or
 * "ID:/PATH:ro", several with commas between. Whoever asks may say a disk's
 * name in place of its id.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/err.h"
#include "common/parse.h"

#define DISK_MOUNTS_MAX	     4 /* blank.c passes a descriptor of each */
#define DISK_MOUNTS_SIZE     256 /* of the text, terminator included */
#define DISK_MOUNT_PATH_SIZE 128

struct disk_mount {
	char disk[64]; /* an id or a name */
	char path[DISK_MOUNT_PATH_SIZE];
	bool is_readonly;
};

/* "dk_", and letters as a sandbox's id has them. */
bool disk_id_is_valid(const char *text);

/*
 * Reads such a text; how many (0 for ""), or -EINVAL, whose words begin with
 * "disks: ". Paths are absolute, of letters, digits and "._-", at most
 * DISK_MOUNT_PATH_SIZE - 1 bytes, at or below none of the kernel's folders, and
 * none at or below another; no disk twice.
 */
int disk_mounts_parse(const char *text,
    struct disk_mount ret[DISK_MOUNTS_MAX], struct err *err);

/* The text of n of them; -EINVAL where it is longer than there is room for. */
int disk_mounts_print(const struct disk_mount *mounts, size_t n,
    char ret[DISK_MOUNTS_SIZE], struct err *err);
