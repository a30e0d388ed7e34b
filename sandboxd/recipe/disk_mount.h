// SPDX-License-Identifier: Apache-2.0
/*
 * Disks that are mounted into a sandbox (docs/DISKS.md), in both halves of a
 * create. Each is an overlay of its tree, so that nothing of it is shared with
 * the sandbox's own disk: no blocks that count for neither, no subvolumes.
 */
#pragma once

#include "common/disk_mounts.h"
#include "sandboxd/disk/kept.h"
#include "sandboxd/recipe/job.h"
#include "sandboxd/recipe/runtime.h"

/* Detached mounts, one for each that the job names; -1 = none. */
struct disk_mount_fds {
	size_t n;
	int fds[DISK_MOUNTS_MAX];
};

/* In the worker. *ret is to be closed whatever this returns; -ENOENT where one
 * is gone. */
int disk_mounts_open(const struct runtime *runtime, const struct job *job,
    int idmap_fd, struct disk_mount_fds *ret, struct err *err);
void disk_mounts_close(struct disk_mount_fds *fds);

/*
 * In the new process, its root the working directory: makes their places, as
 * root of the sandbox, where there are none, and follows no link to them.
 */
int disk_mounts_attach(const char *disks, const int *fds, uint32_t uid_base,
    struct err *err);
