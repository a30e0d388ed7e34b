// SPDX-License-Identifier: Apache-2.0
/*
 * A sandbox's root file system: overlayfs of a read-only template, shared by
 * all, and its own disk, both idmapped to its uids, so that neither knows
 * them on disk. The mount hangs nowhere: a descriptor is all there is of it.
 */
#pragma once

#include "common/err.h"

enum rootfs_way {
	ROOTFS_AUTO,	 /* detached; attached where the kernel refuses */
	ROOTFS_DETACHED, /* layers by descriptor: Linux 6.13 */
	ROOTFS_ATTACHED, /* layers by path, mounted for a moment: Linux 5.19 */
};

/* The way of a setting's word, which has been checked. */
enum rootfs_way rootfs_parse_way(const char *word);

/*
 * Mounts template (a folder) under disk (a folder with `up` and `work`)
 * through the idmap of userns_fd. *ret_fd is the detached mount, the caller's
 * to close. `scratch` is a folder of the caller's own mount namespace, used
 * and left empty by ROOTFS_ATTACHED.
 */
int rootfs_mount(const char *template, const char *disk, int userns_fd,
    enum rootfs_way way, const char *scratch, int *ret_fd, struct err *err);

/*
 * What is to be /tmp, from a disk: its DISK_TMP through the same idmap, without
 * devices and setuid. *ret_fd is the detached mount, the caller's to close.
 */
int rootfs_open_tmp(const char *disk, int userns_fd, int *ret_fd,
    struct err *err);
