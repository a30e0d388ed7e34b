// SPDX-License-Identifier: Apache-2.0
/* A btrfs subvolume a disk, each with a quota. */
#include "sandboxd/disk/backend.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "common/fd.h"

/* A copy may write so much at least, or it could not even be set up. */
#define COPY_SPARE_BYTES (1ull << 20)

#define SIMPLE_QUOTA "btrfs simple quota"

#define SYSFS_PATH_SIZE 96

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

/* The folder of a file system's quotas; kernels before 5.9 have none. */
static int
quota_folder(int fd, char path[SYSFS_PATH_SIZE], struct err *err)
{
	struct btrfs_ioctl_fs_info_args info = {0};
	const uint8_t *u = info.fsid;

	if (ioctl(fd, BTRFS_IOC_FS_INFO, &info) < 0)
		return err_errno(err, "cannot tell which btrfs this is");
	(void)snprintf(path, SYSFS_PATH_SIZE,
	    "/sys/fs/btrfs/%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
	    "%02x%02x%02x%02x%02x%02x/qgroups",
	    u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10],
	    u[11], u[12], u[13], u[14], u[15]);
	return 0;
}

/* The kind of quota that is on. Kernels that do not say have only one kind. */
static const char *
quota_name(int fd)
{
	char path[SYSFS_PATH_SIZE], mode[16] = "";
	auto_close int folder_fd = -1, mode_fd = -1;

	if (quota_folder(fd, path, NULL) < 0)
		return "btrfs qgroup";
	folder_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	mode_fd = openat(folder_fd, "mode", O_RDONLY | O_CLOEXEC);
	if (mode_fd < 0 || read(mode_fd, mode, sizeof mode - 1) < 0)
		return "btrfs qgroup";
	return strncmp(mode, "squota", 6) == 0 ? SIMPLE_QUOTA
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

static int
btrfs_limit(const struct disk_pool *pool, const char *id, uint64_t limit_bytes,
    struct err *err)
{
	char path[DISK_PATH_SIZE];
	int r = disk_path(pool, id, path, err);

	return r < 0 ? r : set_limit(path, limit_bytes, err);
}

static int
btrfs_counts(const struct disk_pool *pool, const char *id,
    char ret[DISK_PATH_SIZE], struct err *err)
{
	char path[DISK_PATH_SIZE], folder[SYSFS_PATH_SIZE];
	auto_close int fd = -1;
	__u64 number;
	int r = disk_path(pool, id, path, err);

	if (r < 0 || (fd = r = open_folder(path, err)) < 0 ||
	    (r = quota_folder(fd, folder, err)) < 0 ||
	    (r = subvolume_of(fd, &number, err)) < 0)
		return r;
	(void)snprintf(ret, DISK_PATH_SIZE, "%s/0_%llu", folder,
	    (unsigned long long)number);
	return access(ret, F_OK) == 0;
}

/* The kernel deletes what is in a subvolume later, by itself. */
static int
btrfs_remove(const char *folder, const char *id, struct err *err)
{
	struct btrfs_ioctl_vol_args subvolume = {0};
	struct btrfs_ioctl_qgroup_create_args group = {.create = 0};
	auto_close int pool_fd = open_folder(folder, err);
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

static int
btrfs_discard(const struct disk_pool *pool, const char *id, struct err *err)
{
	return btrfs_remove(pool->path, id, err);
}

/* An item of the quota tree about a group: its bytes go to ret. */
static int
read_quota_item(int fd, uint32_t type, __u64 group, void *ret, size_t size,
    struct err *err)
{
	struct btrfs_ioctl_search_args args = {
	    .key = {.tree_id = BTRFS_QUOTA_TREE_OBJECTID,
		.min_type = type, .max_type = type, .min_offset = group,
		.max_offset = group, .max_transid = UINT64_MAX,
		.nr_items = 1}};
	struct btrfs_ioctl_search_header header;

	if (ioctl(fd, BTRFS_IOC_TREE_SEARCH, &args) < 0)
		return err_errno(err, "cannot read the quota tree");
	memcpy(&header, args.buf, sizeof header);
	if (args.key.nr_items != 1 || header.type != type ||
	    header.offset != group || header.len < size)
		return err_set(err, ENOENT, "no quota of subvolume %llu",
		    (unsigned long long)group);
	memcpy(ret, args.buf + sizeof header, size);
	return 0;
}

/*
 * How much more a subvolume may write, by the quota tree as of the last
 * commit. Simple quotas do not count what it shares with one it was copied
 * from, but its limit is as much less: see btrfs_copy.
 */
static int
read_left(int fd, uint64_t *ret, struct err *err)
{
	struct btrfs_qgroup_limit_item limit;
	struct btrfs_qgroup_info_item info;
	uint64_t most, used;
	__u64 group;
	int r;

	if ((r = subvolume_of(fd, &group, err)) < 0 ||
	    (r = read_quota_item(fd, BTRFS_QGROUP_LIMIT_KEY, group, &limit,
	    sizeof limit, err)) < 0 ||
	    (r = read_quota_item(fd, BTRFS_QGROUP_INFO_KEY, group, &info,
	    sizeof info, err)) < 0)
		return r;
	most = le64toh(limit.max_rfer);
	used = le64toh(info.rfer);
	*ret = used < most ? most - used : 0;
	return 0;
}

/*
 * What the copy may write beyond what it shares: what the other has left, and
 * as much more as its limit is higher. Where the kernel counts what is shared
 * its limit is simply that.
 */
static int
limit_copy(const struct disk_pool *pool, int from_fd, int to_fd,
    const struct disk_copy *copy, uint64_t *ret_bytes, struct err *err)
{
	struct btrfs_ioctl_qgroup_limit_args limit = {
	    .lim = {.flags = BTRFS_QGROUP_LIMIT_MAX_RFER,
		.max_rfer = copy->limit_bytes}};
	uint64_t left;
	int r = read_left(from_fd, &left, err);

	if (r < 0)
		return r;
	*ret_bytes = left < copy->was_bytes ? copy->was_bytes - left : 0;
	left += copy->limit_bytes - copy->was_bytes;
	if (strcmp(pool->name, SIMPLE_QUOTA) == 0)
		limit.lim.max_rfer = left > COPY_SPARE_BYTES ? left :
		    COPY_SPARE_BYTES;
	if (ioctl(to_fd, BTRFS_IOC_QGROUP_LIMIT, &limit) < 0)
		return err_errno(err, "cannot limit the copy %s",
		    copy->to_name);
	return 0;
}

/* The kernel writes out what the other has in memory, and commits. */
static int
btrfs_copy(const struct disk_pool *pool, const struct disk_copy *copy,
    uint64_t *ret_bytes, struct err *err)
{
	struct btrfs_ioctl_vol_args_v2 args = {
	    .flags = copy->is_readonly ? BTRFS_SUBVOL_RDONLY : 0};
	struct btrfs_ioctl_vol_args made = {0};
	auto_close int from_fd = -1, to_fd = -1;
	auto_close int folder_fd = open_folder(copy->to_folder, err);
	char path[DISK_PATH_SIZE * 2];
	int r;

	if (folder_fd < 0)
		return folder_fd;
	(void)snprintf(path, sizeof path, "%s/%s", copy->from_folder,
	    copy->from_name);
	if ((from_fd = open_folder(path, err)) < 0)
		return from_fd;
	args.fd = from_fd;
	(void)snprintf(args.name, sizeof args.name, "%s", copy->to_name);
	(void)snprintf(made.name, sizeof made.name, "%s", copy->to_name);
	if (ioctl(folder_fd, BTRFS_IOC_SNAP_CREATE_V2, &args) < 0)
		return err_errno(err, "cannot copy the disk %s", path);
	(void)snprintf(path, sizeof path, "%s/%s", copy->to_folder,
	    copy->to_name);
	to_fd = open_folder(path, err);
	r = to_fd < 0 ? to_fd : limit_copy(pool, from_fd, to_fd, copy,
	    ret_bytes, err);
	if (r < 0)
		(void)ioctl(folder_fd, BTRFS_IOC_SNAP_DESTROY, &made);
	return r;
}

/* Whether there is a subvolume of this number, deleted or not. */
static bool
has_subvolume(int fd, __u64 number)
{
	struct btrfs_ioctl_search_args args = {
	    .key = {.tree_id = BTRFS_ROOT_TREE_OBJECTID,
		.min_objectid = number, .max_objectid = number,
		.min_type = BTRFS_ROOT_ITEM_KEY,
		.max_type = BTRFS_ROOT_ITEM_KEY, .max_offset = UINT64_MAX,
		.max_transid = UINT64_MAX, .nr_items = 1}};

	return ioctl(fd, BTRFS_IOC_TREE_SEARCH, &args) < 0 ||
	    args.key.nr_items > 0;
}

/* One item of the quota tree: the group of a subvolume that is gone, and that
 * has nothing any more, is removed. */
static void
tidy_group(int fd, const struct btrfs_ioctl_search_header *header,
    const void *item)
{
	struct btrfs_ioctl_qgroup_create_args group = {.create = 0,
	    .qgroupid = header->offset};
	struct btrfs_qgroup_info_item info;

	if (header->type != BTRFS_QGROUP_INFO_KEY ||
	    header->len < sizeof info ||
	    header->offset < BTRFS_FIRST_FREE_OBJECTID)
		return;
	memcpy(&info, item, sizeof info);
	if (info.rfer == 0 && info.excl == 0 &&
	    !has_subvolume(fd, header->offset))
		(void)ioctl(fd, BTRFS_IOC_QGROUP_CREATE, &group);
}

/*
 * A group goes with its subvolume, but not while copies have blocks that are
 * its own: then it stays when they are gone, too. Subvolumes count from one, so
 * that none gets an old number.
 */
static int
btrfs_tidy(const struct disk_pool *pool, struct err *err)
{
	auto_close int fd = open_folder(pool->path, err);
	struct btrfs_ioctl_search_args args;
	__u64 next = 0;

	if (fd < 0)
		return fd;
	do {
		size_t at = 0;

		args = (struct btrfs_ioctl_search_args){
		    .key = {.tree_id = BTRFS_QUOTA_TREE_OBJECTID,
			.min_type = BTRFS_QGROUP_INFO_KEY,
			.max_type = BTRFS_QGROUP_INFO_KEY,
			.min_offset = next, .max_offset = UINT64_MAX,
			.max_transid = UINT64_MAX, .nr_items = UINT32_MAX}};
		if (ioctl(fd, BTRFS_IOC_TREE_SEARCH, &args) < 0)
			return err_errno(err, "cannot read the quota tree");
		for (uint32_t i = 0; i < args.key.nr_items; i++) {
			struct btrfs_ioctl_search_header header;

			memcpy(&header, args.buf + at, sizeof header);
			at += sizeof header;
			tidy_group(fd, &header, args.buf + at);
			at += header.len;
			next = header.offset + 1;
		}
	} while (args.key.nr_items > 0);
	return 0;
}

/* A layer is a copy without a limit of its own: nobody writes to it. */
static int
btrfs_make_layer(const char *path, int folder_fd, const char *name,
    struct err *err)
{
	auto_close int fd = open_folder(path, err);
	struct btrfs_ioctl_vol_args_v2 copy = {.fd = fd};

	if (fd < 0)
		return fd;
	(void)snprintf(copy.name, sizeof copy.name, "%s", name);
	if (ioctl(folder_fd, BTRFS_IOC_SNAP_CREATE_V2, &copy) < 0)
		return err_errno(err, "cannot copy %s", path);
	return 0;
}

static int
btrfs_seal_layer(int fd, struct err *err)
{
	__u64 flags = 0;

	if (ioctl(fd, BTRFS_IOC_SUBVOL_GETFLAGS, &flags) == 0) {
		flags |= BTRFS_SUBVOL_RDONLY;
		if (ioctl(fd, BTRFS_IOC_SUBVOL_SETFLAGS, &flags) == 0)
			return 0;
	}
	return err_errno(err, "cannot make a subvolume read-only");
}

const struct disk_backend disk_btrfs = {
    .tidy = btrfs_tidy,
    .copy = btrfs_copy,
    .create = btrfs_create,
    .limit = btrfs_limit,
    .counts = btrfs_counts,
    .discard = btrfs_discard,
    .remove_copy = btrfs_remove,
    .make_layer = btrfs_make_layer,
    .seal_layer = btrfs_seal_layer,
};
