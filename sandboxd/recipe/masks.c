// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/recipe/masks.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/conf.h"
#include "sandboxd/recipe/memory_place.h"

#define DISKS	   "sys/class/block"
#define PROCESSORS "sys/devices/system/cpu"

/* Root of the sandbox owns none of these, but seeing is not writing. */
static const char *const read_only_paths[] = {
    "proc/bus", "proc/fs", "proc/irq", "proc/sys", "proc/sysrq-trigger",
};

/*
 * What the host does, and of no use inside; beside masked_paths. With both, and
 * hide_throttling, that is all that Docker masks (docs/THREATS.md), and more:
 * its disks' counters are in /sys too, and its file systems, loop devices and
 * bdi tell of the disks of every sandbox. /sys/fs/btrfs is disk_view.c's.
 */
static const char *const host_paths[] = {
    "proc/cmdline", "proc/config.gz", "proc/diskstats", "proc/interrupts",
    "proc/pressure", "sys/kernel/vmcoreinfo", "sys/fs/ext4", "sys/fs/xfs",
    "sys/fs/f2fs", "sys/fs/fuse", "sys/block", "sys/dev/block", "sys/class/bdi",
    "sys/devices/virtual/bdi",
};

static int
hide(int place_fd, const char *path, struct err *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return 0; /* not on this kernel */
	if (S_ISDIR(st.st_mode))
		return memory_place_put(place_fd, MEMORY_PLACE_EMPTY, path,
		    MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
		    err);
	return mount("dev/null", path, NULL, MS_BIND, NULL) < 0 ?
	    err_errno(err, "mask /%s", path) : 0;
}

/* `name` in every folder of the one at path whose name begins like that. */
static int
hide_in_each(int place_fd, const char *path, const char *prefix,
    const char *name, struct err *err)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	char inner[PATH_MAX];
	int r = 0;

	if (dir == NULL)
		return errno == ENOENT ? 0 : err_errno(err, "/%s", path);
	while (r == 0 && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.' ||
		    strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
			continue;
		snprintf(inner, sizeof inner, "%s/%s/%s", path, entry->d_name,
		    name);
		r = hide(place_fd, inner, err);
	}
	(void)closedir(dir);
	return r;
}

/* Those that are no device, then each of the rest where it is, and the lists of
 * them; disks that are hidden with another are gone from the list. */
static int
hide_disks(int place_fd, struct err *err)
{
	int r = hide(place_fd, "sys/devices/virtual/block", err);

	if (r == 0)
		r = hide_in_each(place_fd, DISKS, "", ".", err);
	return r < 0 ? r : hide(place_fd, DISKS, err);
}

/* How often each processor was too hot, which tells what others do. */
static int
hide_throttling(int place_fd, struct err *err)
{
	return hide_in_each(place_fd, PROCESSORS, "cpu", "thermal_throttle",
	    err);
}

static int
hide_all(int place_fd, const char *paths, struct err *err)
{
	char copy[CONF_STRING_SIZE], *rest = copy, *path;
	int r = 0;

	snprintf(copy, sizeof copy, "%s", paths);
	while (r == 0 && (path = strsep(&rest, " ")) != NULL)
		if (path[0] == '/' && path[1] != '\0')
			r = hide(place_fd, path + 1, err);
	for (size_t i = 0; r == 0 &&
	    i < sizeof host_paths / sizeof *host_paths; i++)
		r = hide(place_fd, host_paths[i], err);
	if (r < 0 || (r = hide_disks(place_fd, err)) < 0)
		return r;
	return hide_throttling(place_fd, err);
}

static int
make_read_only(const char *path, struct err *err)
{
	const unsigned long flags = MS_BIND | MS_REMOUNT | MS_RDONLY |
	    MS_NOSUID | MS_NODEV | MS_NOEXEC;

	if (mount(path, path, NULL, MS_BIND | MS_REC, NULL) < 0)
		return errno == ENOENT ? 0 : err_errno(err, "bind /%s", path);
	if (mount(NULL, path, NULL, flags, NULL) < 0)
		return err_errno(err, "read-only /%s", path);
	return 0;
}

int
masks_mount(const char *paths, int place_fd, struct err *err)
{
	int r = hide_all(place_fd, paths, err);

	for (size_t i = 0; r == 0 &&
	    i < sizeof read_only_paths / sizeof *read_only_paths; i++)
		r = make_read_only(read_only_paths[i], err);
	return r;
}
