// SPDX-License-Identifier: Apache-2.0
/*
 * What a sandbox sees of its disk's limit: the kernel's own counts of it, in
 * two files that our SFTP server reads too, for statfs(2) tells of the pool.
 */
#pragma once

#include "sandboxd/recipe/runtime.h"

/*
 * Puts an empty folder, of place_fd (memory_place.h), over /sys/fs/btrfs, where
 * all disks are, below the current folder, which is the sandbox's root to be
 * and has /sys; and where the kernel tells of this one's disk, `disk` in it,
 * read-only, with the files of disk_counts (disk.h). From the host's /sys,
 * which must still be there.
 */
int disk_view_mount(const struct runtime *runtime, const char *id,
    int place_fd, struct err *err);
