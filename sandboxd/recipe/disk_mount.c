// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/recipe/disk_mount.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/paths.h"
#include "sandboxd/recipe/rootfs.h"

static int
set_attributes(int fd, bool is_readonly, struct err *err)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_NOSUID |
	    MOUNT_ATTR_NODEV | (is_readonly ? MOUNT_ATTR_RDONLY : 0)};

	if (mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof attr) < 0)
		return err_errno(err, "disks: attributes");
	return 0;
}

/* Who reads stacks what is there on nothing; who writes writes on nothing. */
static int
open_one(const struct runtime *runtime, const struct job *job,
    const struct disk_mount *mount, int idmap_fd, int *ret_fd, struct err *err)
{
	struct rootfs_lowers lowers = {.n = 0};
	char path[DISK_PATH_SIZE];
	int r = kept_open(runtime->disks, job->org, mount->disk,
	    job->kind == JOB_CREATE, runtime->settings->disk_limit_bytes, path,
	    err);

	if (r == 0 && mount->is_readonly)
		r = path_join(lowers.paths[lowers.n++], DISK_PATH_SIZE, path,
		    DISK_UP, err);
	if (r == 0)
		r = kept_empty_folder(runtime->disks,
		    lowers.paths[lowers.n++], err);
	if (r == 0)
		r = rootfs_mount(&lowers, mount->is_readonly ? NULL : path,
		    idmap_fd, runtime->rootfs_way, runtime->scratch, ret_fd,
		    err);
	return r < 0 ? r : set_attributes(*ret_fd, mount->is_readonly, err);
}

int
disk_mounts_open(const struct runtime *runtime, const struct job *job,
    int idmap_fd, struct disk_mount_fds *ret, struct err *err)
{
	struct disk_mount mounts[DISK_MOUNTS_MAX];
	int n = disk_mounts_parse(job->disks, mounts, err), r = n;

	ret->n = 0;
	for (int i = 0; i < n && r >= 0; i++) {
		ret->fds[ret->n] = -1;
		r = open_one(runtime, job, &mounts[i], idmap_fd,
		    &ret->fds[ret->n], err);
		ret->n++;
	}
	return r < 0 ? r : 0;
}

void
disk_mounts_close(struct disk_mount_fds *fds)
{
	for (size_t i = 0; i < fds->n; i++)
		fd_close(&fds->fds[i]);
	fds->n = 0;
}

/* One step down, which is made where there is none. */
static int
step(int *at_fd, const char *name)
{
	int fd;

	if (mkdirat(*at_fd, name, 0755) < 0 && errno != EEXIST)
		return -1;
	fd = openat(*at_fd, name,
	    O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	fd_close(at_fd);
	*at_fd = fd;
	return fd < 0 ? -1 : 0;
}

/* With the rights of the sandbox's root, and no more. */
static int
find_place(const char *path, uint32_t uid_base, int *ret_fd, struct err *err)
{
	char copy[DISK_MOUNT_PATH_SIZE], *rest = copy, *name;
	int r = 0;

	strcpy(copy, path + 1);
	*ret_fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*ret_fd < 0)
		return err_errno(err, "disks: /");
	(void)setfsgid(uid_base);
	(void)setfsuid(uid_base);
	while (r == 0 && (name = strsep(&rest, "/")) != NULL)
		r = step(ret_fd, name);
	if (r < 0)
		r = err_errno(err, "disks: %s is no place for one", path);
	(void)setfsuid(0);
	(void)setfsgid(0);
	return r;
}

int
disk_mounts_attach(const char *disks, const int *fds, uint32_t uid_base,
    struct err *err)
{
	struct disk_mount mounts[DISK_MOUNTS_MAX];
	int n = disk_mounts_parse(disks, mounts, err), r = n;

	for (int i = 0; i < n && r >= 0; i++) {
		auto_close int place_fd = -1;

		r = find_place(mounts[i].path, uid_base, &place_fd, err);
		if (r == 0 && move_mount(fds[i], "", place_fd, "",
		    MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
			r = err_errno(err, "disks: %s", mounts[i].path);
	}
	return r < 0 ? r : 0;
}
