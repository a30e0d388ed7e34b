// SPDX-License-Identifier: Apache-2.0
/*
 * A sandbox's root file system: overlayfs of the read-only layers of its
 * template, shared by all, and its own disk, all idmapped to its uids, so that
 * none knows them on disk. The mount hangs nowhere: a descriptor is all there
 * is of it.
 */
#pragma once

#include <stddef.h>

#include "common/err.h"
#include "sandboxd/disk/disk.h"
#include "sandboxd/template/template.h"

/* With the base. */
#define ROOTFS_LOWERS_MAX (TEMPLATE_LAYERS_MAX + 1)

/* Folders, the one on top first. */
struct rootfs_lowers {
	size_t n;
	char paths[ROOTFS_LOWERS_MAX][DISK_PATH_SIZE];
};

enum rootfs_way {
	ROOTFS_AUTO,	 /* detached; attached where the kernel refuses */
	ROOTFS_DETACHED, /* layers by descriptor: Linux 6.13 */
	ROOTFS_ATTACHED, /* layers by path, mounted for a moment: Linux 5.19 */
};

/* The way of a setting's word, which has been checked. */
enum rootfs_way rootfs_parse_way(const char *word);

/*
 * Mounts the lowers under disk (a folder with `up` and `work`) through the
 * idmap of userns_fd; disk NULL: under nothing, for reading alone, and there
 * are two at least. *ret_fd is the detached mount, the caller's to close.
 * `scratch` is a folder of the caller's own mount namespace, used and left
 * empty by ROOTFS_ATTACHED, as the working directory for a moment.
 */
int rootfs_mount(const struct rootfs_lowers *lowers, const char *disk,
    int userns_fd, enum rootfs_way way, const char *scratch, int *ret_fd,
    struct err *err);

/*
 * What is to be /tmp, from a disk: its DISK_TMP through the same idmap, without
 * devices and setuid. *ret_fd is the detached mount, the caller's to close.
 */
int rootfs_open_tmp(const char *disk, int userns_fd, int *ret_fd,
    struct err *err);
