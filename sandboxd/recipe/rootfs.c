// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/recipe/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/disk/disk.h"

#define LAYER_PATH_SIZE 1024

enum rootfs_way
rootfs_parse_way(const char *word)
{
	if (strcmp(word, "detached") == 0)
		return ROOTFS_DETACHED;
	if (strcmp(word, "attached") == 0)
		return ROOTFS_ATTACHED;
	return ROOTFS_AUTO;
}

/* A detached, idmapped copy of the mount at path. */
static int
open_idmapped(const char *path, int userns_fd, uint64_t attributes,
    int *ret_fd, struct err *err)
{
	struct mount_attr attr = {
	    .attr_set = MOUNT_ATTR_IDMAP | attributes,
	    .userns_fd = (uint64_t)userns_fd};
	auto_close int fd = open_tree(AT_FDCWD, path,
	    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (fd < 0)
		return err_errno(err, "%s", path);
	if (mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof attr) < 0)
		return err_errno(err, "idmap of %s", path);
	*ret_fd = take_fd(&fd);
	return 0;
}

static int
set_option(int fs_fd, const char *key, const char *value, struct err *err)
{
	if (fsconfig(fs_fd, FSCONFIG_SET_STRING, key, value, 0) < 0)
		return err_errno(err, "overlay: %s=%s", key, value);
	return 0;
}

static int
set_layer(int fs_fd, const char *key, int layer_fd, struct err *err)
{
	if (fsconfig(fs_fd, FSCONFIG_SET_FD, key, NULL, layer_fd) < 0)
		return err_errno(err, "overlay: %s by descriptor", key);
	return 0;
}

/* Common to both ways; redirect_dir lets lower folders be renamed. */
static int
finish(int fs_fd, int *ret_fd, struct err *err)
{
	int r;

	if ((r = set_option(fs_fd, "source", "sandgate", err)) < 0 ||
	    (r = set_option(fs_fd, "redirect_dir", "on", err)) < 0)
		return r;
	if (fsconfig(fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return err_errno(err, "overlay");
	*ret_fd = fsmount(fs_fd, FSMOUNT_CLOEXEC, MOUNT_ATTR_NODEV);
	return *ret_fd < 0 ? err_errno(err, "overlay: fsmount") : 0;
}

static int
mount_detached(int fs_fd, int lower_fd, int disk_fd, int *ret_fd,
    struct err *err)
{
	auto_close int up_fd = openat(disk_fd, "up",
	    O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	auto_close int work_fd = openat(disk_fd, "work",
	    O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int r;

	if (up_fd < 0 || work_fd < 0)
		return err_errno(err, "disk: up and work");
	if ((r = set_layer(fs_fd, "lowerdir+", lower_fd, err)) < 0 ||
	    (r = set_layer(fs_fd, "upperdir", up_fd, err)) < 0 ||
	    (r = set_layer(fs_fd, "workdir", work_fd, err)) < 0)
		return r;
	return finish(fs_fd, ret_fd, err);
}

/* Attaches a detached mount at scratch/name; the path goes to ret_path. */
static int
attach(int mount_fd, const char *scratch, const char *name, char *ret_path,
    struct err *err)
{
	snprintf(ret_path, LAYER_PATH_SIZE, "%s/%s", scratch, name);
	if (mkdir(ret_path, 0700) < 0 && errno != EEXIST)
		return err_errno(err, "%s", ret_path);
	if (move_mount(mount_fd, "", AT_FDCWD, ret_path,
	    MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return err_errno(err, "attach %s", ret_path);
	return 0;
}

static void
detach(const char *path)
{
	umount2(path, MNT_DETACH);
	rmdir(path);
}

static int
mount_from_paths(int fs_fd, const char *lower, const char *disk, int *ret_fd,
    struct err *err)
{
	char up[LAYER_PATH_SIZE + 8], work[LAYER_PATH_SIZE + 8];
	int r;

	snprintf(up, sizeof up, "%s/up", disk);
	snprintf(work, sizeof work, "%s/work", disk);
	if ((r = set_option(fs_fd, "lowerdir", lower, err)) < 0 ||
	    (r = set_option(fs_fd, "upperdir", up, err)) < 0 ||
	    (r = set_option(fs_fd, "workdir", work, err)) < 0)
		return r;
	return finish(fs_fd, ret_fd, err);
}

/* The overlay keeps its layers; their places can go at once. */
static int
mount_attached(int fs_fd, int lower_fd, int disk_fd, const char *scratch,
    int *ret_fd, struct err *err)
{
	char lower[LAYER_PATH_SIZE], disk[LAYER_PATH_SIZE];
	int r = attach(lower_fd, scratch, "lower", lower, err);

	if (r < 0)
		return r;
	r = attach(disk_fd, scratch, "disk", disk, err);
	if (r == 0)
		r = mount_from_paths(fs_fd, lower, disk, ret_fd, err);
	detach(disk);
	detach(lower);
	return r;
}

static int
mount_one_way(const char *template, const char *disk, int userns_fd,
    enum rootfs_way way, const char *scratch, int *ret_fd, struct err *err)
{
	auto_close int fs_fd = fsopen("overlay", FSOPEN_CLOEXEC);
	auto_close int lower_fd = -1, disk_fd = -1;
	int r;

	if (fs_fd < 0)
		return err_errno(err, "overlay");
	if ((r = open_idmapped(template, userns_fd, MOUNT_ATTR_RDONLY,
	    &lower_fd, err)) < 0 ||
	    (r = open_idmapped(disk, userns_fd, 0, &disk_fd, err)) < 0)
		return r;
	if (way == ROOTFS_DETACHED)
		return mount_detached(fs_fd, lower_fd, disk_fd, ret_fd, err);
	return mount_attached(fs_fd, lower_fd, disk_fd, scratch, ret_fd, err);
}

/*
 * What kernels say that do not take layers by descriptor: EOPNOTSUPP before
 * 6.5, where overlay has no mount API of its own, EINVAL or EBADF later.
 */
static bool
is_too_old(int r)
{
	return r == -EOPNOTSUPP || r == -EINVAL || r == -EBADF;
}

int
rootfs_mount(const char *template, const char *disk, int userns_fd,
    enum rootfs_way way, const char *scratch, int *ret_fd, struct err *err)
{
	struct err detached = {0};
	int r;

	if (way != ROOTFS_AUTO)
		return mount_one_way(template, disk, userns_fd, way, scratch,
		    ret_fd, err);
	r = mount_one_way(template, disk, userns_fd, ROOTFS_DETACHED, scratch,
	    ret_fd, &detached);
	if (is_too_old(r))
		return mount_one_way(template, disk, userns_fd,
		    ROOTFS_ATTACHED, scratch, ret_fd, err);
	return r < 0 ? err_set(err, detached.code, "%s", detached.text) : r;
}

int
rootfs_open_tmp(const char *disk, int userns_fd, int *ret_fd, struct err *err)
{
	char path[LAYER_PATH_SIZE];

	snprintf(path, sizeof path, "%s/%s", disk, DISK_TMP);
	return open_idmapped(path, userns_fd, MOUNT_ATTR_NOSUID |
	    MOUNT_ATTR_NODEV, ret_fd, err);
}
