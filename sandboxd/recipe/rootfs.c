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
#define LOWER_NAME_SIZE sizeof "lower18446744073709551615"

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

/* The layers of one root, as idmapped mounts; fds of -1 are none. */
struct layers {
	size_t n;
	int lower_fds[ROOTFS_LOWERS_MAX]; /* the one on top first */
	int disk_fd;
};

static int
mount_detached(int fs_fd, const struct layers *layers, int *ret_fd,
    struct err *err)
{
	auto_close int up_fd = -1, work_fd = -1;
	int r = 0;

	for (size_t i = 0; i < layers->n && r == 0; i++)
		r = set_layer(fs_fd, "lowerdir+", layers->lower_fds[i], err);
	if (r == 0 && layers->disk_fd < 0)
		return finish(fs_fd, ret_fd, err);
	up_fd = openat(layers->disk_fd, DISK_UP,
	    O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	work_fd = openat(layers->disk_fd, "work",
	    O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (r == 0 && (up_fd < 0 || work_fd < 0))
		return err_errno(err, "disk: up and work");
	if (r < 0 || (r = set_layer(fs_fd, "upperdir", up_fd, err)) < 0 ||
	    (r = set_layer(fs_fd, "workdir", work_fd, err)) < 0)
		return r;
	return finish(fs_fd, ret_fd, err);
}

/* Attaches a detached mount at `name` in the working directory. */
static int
attach(int mount_fd, const char *name, struct err *err)
{
	if (mkdir(name, 0700) < 0 && errno != EEXIST)
		return err_errno(err, "%s", name);
	if (move_mount(mount_fd, "", AT_FDCWD, name,
	    MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return err_errno(err, "attach %s", name);
	return 0;
}

static void
detach(const char *name)
{
	umount2(name, MNT_DETACH);
	rmdir(name);
}

/* By short names: an option has no more than 255 bytes. */
static void
lower_name(size_t i, char ret[LOWER_NAME_SIZE])
{
	snprintf(ret, LOWER_NAME_SIZE, "lower%zu", i);
}

static int
mount_from_names(int fs_fd, size_t n_lowers, bool has_disk, int *ret_fd,
    struct err *err)
{
	char lowers[ROOTFS_LOWERS_MAX * LOWER_NAME_SIZE] = "";
	size_t used = 0;
	int r;

	for (size_t i = 0; i < n_lowers; i++)
		used += (size_t)snprintf(lowers + used, sizeof lowers - used,
		    "%slower%zu", i > 0 ? ":" : "", i);
	if ((r = set_option(fs_fd, "lowerdir", lowers, err)) < 0)
		return r;
	if (has_disk &&
	    ((r = set_option(fs_fd, "upperdir", "disk/" DISK_UP, err)) < 0 ||
	    (r = set_option(fs_fd, "workdir", "disk/work", err)) < 0))
		return r;
	return finish(fs_fd, ret_fd, err);
}

/* In scratch. The overlay keeps its layers; their places can go at once. */
static int
mount_here(int fs_fd, const struct layers *layers, int *ret_fd,
    struct err *err)
{
	char name[LOWER_NAME_SIZE];
	const bool has_disk = layers->disk_fd >= 0;
	int r = has_disk ? attach(layers->disk_fd, "disk", err) : 0;

	for (size_t i = 0; i < layers->n && r == 0; i++) {
		lower_name(i, name);
		r = attach(layers->lower_fds[i], name, err);
	}
	if (r == 0)
		r = mount_from_names(fs_fd, layers->n, has_disk, ret_fd, err);
	for (size_t i = 0; i < layers->n; i++) {
		lower_name(i, name);
		detach(name);
	}
	if (has_disk)
		detach("disk");
	return r;
}

static int
mount_attached(int fs_fd, const struct layers *layers, const char *scratch,
    int *ret_fd, struct err *err)
{
	auto_close int here_fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (here_fd < 0 || chdir(scratch) < 0)
		return err_errno(err, "%s", scratch);
	r = mount_here(fs_fd, layers, ret_fd, err);
	if (fchdir(here_fd) < 0 && r == 0)
		r = err_errno(err, "working directory");
	return r;
}

static int
open_layers(const struct rootfs_lowers *lowers, const char *disk,
    int userns_fd, struct layers *ret, struct err *err)
{
	int r = disk == NULL ? 0 : open_idmapped(disk, userns_fd, 0,
	    &ret->disk_fd, err);

	while (ret->n < lowers->n && r == 0) {
		ret->lower_fds[ret->n] = -1;
		r = open_idmapped(lowers->paths[ret->n], userns_fd,
		    MOUNT_ATTR_RDONLY, &ret->lower_fds[ret->n], err);
		ret->n++;
	}
	return r;
}

static void
close_layers(struct layers *layers)
{
	for (size_t i = 0; i < layers->n; i++)
		fd_close(&layers->lower_fds[i]);
	fd_close(&layers->disk_fd);
}

static int
mount_one_way(const struct rootfs_lowers *lowers, const char *disk,
    int userns_fd, enum rootfs_way way, const char *scratch, int *ret_fd,
    struct err *err)
{
	auto_close int fs_fd = fsopen("overlay", FSOPEN_CLOEXEC);
	struct layers layers = {.disk_fd = -1};
	int r;

	if (fs_fd < 0)
		return err_errno(err, "overlay");
	r = open_layers(lowers, disk, userns_fd, &layers, err);
	if (r == 0 && way == ROOTFS_DETACHED)
		r = mount_detached(fs_fd, &layers, ret_fd, err);
	else if (r == 0)
		r = mount_attached(fs_fd, &layers, scratch, ret_fd, err);
	close_layers(&layers);
	return r;
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
rootfs_mount(const struct rootfs_lowers *lowers, const char *disk,
    int userns_fd, enum rootfs_way way, const char *scratch, int *ret_fd,
    struct err *err)
{
	struct err detached = {0};
	int r;

	if (way != ROOTFS_AUTO)
		return mount_one_way(lowers, disk, userns_fd, way, scratch,
		    ret_fd, err);
	r = mount_one_way(lowers, disk, userns_fd, ROOTFS_DETACHED, scratch,
	    ret_fd, &detached);
	if (is_too_old(r))
		return mount_one_way(lowers, disk, userns_fd,
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
