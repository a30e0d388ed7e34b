// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/recipe/disk_view.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sandboxd/disk/disk.h"
#include "sandboxd/recipe/memory_place.h"

/* sandboxd/init/sftp/quota.c looks there. */
#define PLACE "sys/fs/btrfs"
#define VIEW  PLACE "/disk"

static const unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;

static int
bind_counts(const char *counts, struct err *err)
{
	if (mkdir(VIEW, 0555) < 0 ||
	    mount(counts, VIEW, NULL, MS_BIND, NULL) < 0 ||
	    mount(NULL, VIEW, NULL, flags | MS_BIND | MS_REMOUNT | MS_RDONLY,
	    NULL) < 0)
		return err_errno(err, "%s on /" VIEW, counts);
	return 0;
}

int
disk_view_mount(const struct runtime *runtime, const char *id, int place_fd,
    struct err *err)
{
	char counts[DISK_PATH_SIZE];
	int r = disk_counts(runtime->disks, id, counts, err);
	const bool has_counts = r == 1;

	if (r < 0)
		return r;
	if (access(PLACE, F_OK) < 0)
		return errno == ENOENT ? 0 : err_errno(err, "/" PLACE);
	r = memory_place_put(place_fd, MEMORY_PLACE_DISK, PLACE,
	    MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, err);
	if (r == 0 && has_counts)
		r = bind_counts(counts, err);
	if (r < 0)
		return r;
	if (mount(NULL, PLACE, NULL, flags | MS_BIND | MS_REMOUNT | MS_RDONLY,
	    NULL) < 0)
		return err_errno(err, "/" PLACE);
	return 0;
}
