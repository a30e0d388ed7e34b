// SPDX-License-Identifier: Apache-2.0
/* A btrfs subvolume a disk, each with a quota. */
#include "sandboxd/disk/backend.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "common/fd.h"

/* Linux 6.7; the headers of Debian 12 are older. */
#ifndef BTRFS_QUOTA_CTL_ENABLE_SIMPLE_QUOTA
#define BTRFS_QUOTA_CTL_ENABLE_SIMPLE_QUOTA 4
#endif

int
disk_is_btrfs(const char *path, struct err *err)
{
	struct statfs status;

	if (statfs(path, &status) < 0)
		return err_errno(err, "cannot look at %s", path);
	return (unsigned long)status.f_type == BTRFS_SUPER_MAGIC;
}

static int
open_folder(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? err_errno(err, "cannot open %s", path) : fd;
}

/*
 * The kind of quota that is on, from /sys/fs/btrfs/UUID/qgroups/mode. Kernels
 * that do not say have only one kind.
 */
static const char *
quota_name(int fd)
{
	struct btrfs_ioctl_fs_info_args info = {0};
	char path[96], mode[16] = "";
	auto_close int mode_fd = -1;
	const uint8_t *u = info.fsid;

	if (ioctl(fd, BTRFS_IOC_FS_INFO, &info) < 0)
		return "btrfs qgroup";
	(void)snprintf(path, sizeof path,
	    "/sys/fs/btrfs/%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
	    "%02x%02x%02x%02x%02x%02x/qgroups/mode",
	    u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10],
	    u[11], u[12], u[13], u[14], u[15]);
	mode_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (mode_fd < 0 || read(mode_fd, mode, sizeof mode - 1) < 0)
		return "btrfs qgroup";
	return strncmp(mode, "squota", 6) == 0 ? "btrfs simple quota"
					       : "btrfs qgroup";
}

int
disk_btrfs_enable_quota(
    const char *path, const char **ret_name, struct err *err)
{
	struct btrfs_ioctl_quota_ctl_args simple = {
	    .cmd = BTRFS_QUOTA_CTL_ENABLE_SIMPLE_QUOTA};
	struct btrfs_ioctl_quota_ctl_args full = {
	    .cmd = BTRFS_QUOTA_CTL_ENABLE};
	auto_close int fd = open_folder(path, err);

	if (fd < 0)
		return fd;
	/* Where quotas are on already, of either kind, this changes nothing. */
	if (ioctl(fd, BTRFS_IOC_QUOTA_CTL, &simple) < 0 &&
	    ioctl(fd, BTRFS_IOC_QUOTA_CTL, &full) < 0)
		return err_errno(err, "cannot turn btrfs quotas on");
	*ret_name = quota_name(fd);
	return 0;
}

/* The number of the subvolume fd is the top of, which is its qgroup's too. */
static int
subvolume_of(int fd, __u64 *ret, struct err *err)
{
	struct btrfs_ioctl_ino_lookup_args lookup = {
	    .objectid = BTRFS_FIRST_FREE_OBJECTID};

	if (ioctl(fd, BTRFS_IOC_INO_LOOKUP, &lookup) < 0)
		return err_errno(err, "cannot look up a subvolume");
	*ret = lookup.treeid;
	return 0;
}

static int
set_limit(const char *path, uint64_t limit_bytes, struct err *err)
{
	/* Group 0 stands for that of the subvolume itself. */
	struct btrfs_ioctl_qgroup_limit_args limit = {
	    .lim = {
		.flags = BTRFS_QGROUP_LIMIT_MAX_RFER, .max_rfer = limit_bytes}};
	auto_close int fd = open_folder(path, err);

	if (fd < 0)
		return fd;
	if (ioctl(fd, BTRFS_IOC_QGROUP_LIMIT, &limit) < 0)
		return err_errno(err, "cannot limit %s", path);
	return 0;
}

static int
btrfs_create(const struct disk_pool *pool, const char *id, uint64_t limit_bytes,
    struct err *err)
{
	struct btrfs_ioctl_vol_args subvolume = {0};
	auto_close int fd = open_folder(pool->path, err);
	char path[DISK_PATH_SIZE];
	int r;

	if (fd < 0)
		return fd;
	r = disk_path(pool, id, path, err);
	if (r < 0)
		return r;
	(void)snprintf(subvolume.name, sizeof subvolume.name, "%s", id);
	if (ioctl(fd, BTRFS_IOC_SUBVOL_CREATE, &subvolume) < 0)
		return err_errno(err, "cannot make the subvolume %s", path);
	r = set_limit(path, limit_bytes, err);
	if (r < 0)
		(void)ioctl(fd, BTRFS_IOC_SNAP_DESTROY, &subvolume);
	return r;
}

/* The kernel deletes what is in a subvolume later, by itself. */
static int
btrfs_discard(const struct disk_pool *pool, const char *id, struct err *err)
{
	struct btrfs_ioctl_vol_args subvolume = {0};
	struct btrfs_ioctl_qgroup_create_args group = {.create = 0};
	auto_close int pool_fd = open_folder(pool->path, err);
	auto_close int fd = -1;
	int r;

	if (pool_fd < 0)
		return pool_fd;
	fd = openat(
	    pool_fd, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return err_errno(err, "cannot open the disk %s", id);
	r = subvolume_of(fd, &group.qgroupid, err);
	if (r < 0)
		return r;
	fd_close(&fd);
	(void)snprintf(subvolume.name, sizeof subvolume.name, "%s", id);
	if (ioctl(pool_fd, BTRFS_IOC_SNAP_DESTROY, &subvolume) < 0 &&
	    errno != ENOENT)
		return err_errno(err, "cannot delete the subvolume %s", id);
	/*
	 * Older kernels keep the quota group of a deleted subvolume for ever.
	 * Newer ones refuse to remove it before the space is given back
	 * (EBUSY), and then remove it themselves.
	 */
	(void)ioctl(pool_fd, BTRFS_IOC_QGROUP_CREATE, &group);
	return 0;
}

const struct disk_backend disk_btrfs = {
    .create = btrfs_create,
    .discard = btrfs_discard,
};
