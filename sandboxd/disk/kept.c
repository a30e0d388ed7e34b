// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/disk/kept.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/disk_mounts.h"
#include "common/fd.h"
#include "common/parse.h"
#include "common/paths.h"
#include "sandboxd/disk/backend.h"

/* In a tree that is whole: made last, beside what overlayfs stacks. */
#define WHOLE "whole"

/* No organisation's: names begin with a letter or a digit. */
#define EMPTY ".empty"

int
kept_check(const struct disk_pool *pool, struct err *err)
{
	if (pool->backend->limit != NULL)
		return 0;
	return err_set(err, EOPNOTSUPP, "disks: this host's disk back end "
	    "(%s) has no limits, and mounts none", pool->name);
}

static int
make_folder(const char *path, mode_t mode, struct err *err)
{
	if (mkdir(path, mode) < 0 && errno != EEXIST)
		return err_errno(err, "cannot make %s", path);
	return 0;
}

/* The pool that the folder of an organisation is. */
static int
find_pool(const struct disk_pool *pool, const char *org, struct disk_pool *ret,
    struct err *err)
{
	char all[DISK_PATH_SIZE];
	int r;

	if (!name_is_valid(org))
		return err_set(err, EINVAL, "disks: not an organisation: "
		    "\"%s\"", org);
	*ret = *pool;
	if ((r = path_join(all, sizeof all, pool->path, DISK_KEPT, err)) < 0 ||
	    (r = make_folder(all, 0700, err)) < 0 ||
	    (r = path_join(ret->path, sizeof ret->path, all, org, err)) < 0)
		return r;
	return make_folder(ret->path, 0700, err);
}

int
kept_empty_folder(const struct disk_pool *pool, char *path, struct err *err)
{
	char all[DISK_PATH_SIZE];
	int r;

	if ((r = path_join(all, sizeof all, pool->path, DISK_KEPT, err)) < 0 ||
	    (r = path_join(path, DISK_PATH_SIZE, all, EMPTY, err)) < 0)
		return r;
	return make_folder(path, 0755, err);
}

static bool
is_whole(const char *path)
{
	char whole[DISK_PATH_SIZE];

	return path_join(whole, sizeof whole, path, WHOLE, NULL) == 0 &&
	    access(whole, F_OK) == 0;
}

/* Everybody in the sandbox may write at its top; then it is whole. */
static int
finish(const char *path, struct err *err)
{
	auto_close int fd = open(path,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	auto_close int whole_fd = -1;

	if (fd < 0 || fchmodat(fd, DISK_UP, 0777, 0) < 0 || fsync(fd) < 0)
		return err_errno(err, "cannot finish %s", path);
	whole_fd = openat(fd, WHOLE, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	return whole_fd < 0 ? err_errno(err, "cannot finish %s", path) : 0;
}

static int
make(struct disk_pool *pool, const char *id, uint64_t limit_bytes,
    const char *path, struct err *err)
{
	int r = disk_destroy(pool, id, err);

	if (r == 0)
		r = disk_create(pool, id, limit_bytes, err);
	return r < 0 ? r : finish(path, err);
}

int
kept_open(const struct disk_pool *pool, const char *org, const char *id,
    bool is_making, uint64_t limit_bytes, char *path, struct err *err)
{
	struct disk_pool own;
	auto_close int lock_fd = -1;
	int r = find_pool(pool, org, &own, err);

	if (r < 0 || (r = disk_path(&own, id, path, err)) < 0)
		return r;
	/* Several may be the first who read it. */
	lock_fd = open(own.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (lock_fd < 0 || flock(lock_fd, LOCK_EX) < 0)
		return err_errno(err, "cannot lock %s", own.path);
	if (is_whole(path))
		return disk_limit(&own, id, limit_bytes, err);
	return is_making ? make(&own, id, limit_bytes, path, err) :
	    err_set(err, ENOENT, "disks: %s is gone", id);
}

int
kept_remove(const struct disk_pool *pool, const char *org, const char *id,
    struct err *err)
{
	struct disk_pool own;
	int r = find_pool(pool, org, &own, err);

	if (r == 0)
		r = disk_destroy(&own, id, err);
	if (r == 0)
		(void)rmdir(own.path); /* where it was the last */
	return r;
}

static void
list_org(const char *folder, const char *org,
    void (*found)(const char *org, const char *id, void *data), void *data)
{
	char path[DISK_PATH_SIZE];
	const struct dirent *entry;
	DIR *dir;

	if (!name_is_valid(org) ||
	    path_join(path, sizeof path, folder, org, NULL) < 0 ||
	    (dir = opendir(path)) == NULL)
		return;
	while ((entry = readdir(dir)) != NULL)
		if (disk_id_is_valid(entry->d_name))
			found(org, entry->d_name, data);
	(void)closedir(dir);
}

int
kept_list(const struct disk_pool *pool,
    void (*found)(const char *org, const char *id, void *data), void *data,
    struct err *err)
{
	char path[DISK_PATH_SIZE];
	const struct dirent *entry;
	int r = path_join(path, sizeof path, pool->path, DISK_KEPT, err);
	DIR *dir = r < 0 ? NULL : opendir(path);

	if (r < 0 || (dir == NULL && errno == ENOENT))
		return r;
	if (dir == NULL)
		return err_errno(err, "cannot list %s", path);
	while ((entry = readdir(dir)) != NULL)
		list_org(path, entry->d_name, found, data);
	(void)closedir(dir);
	return 0;
}
