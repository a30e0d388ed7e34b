// SPDX-License-Identifier: Apache-2.0
/* Plain folders, without a limit: the last resort. */
#include "sandboxd/disk/backend.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/paths.h"

#define MOVED_NAME_SIZE 32

static int
plain_create(const struct disk_pool *pool, const char *id, uint64_t limit_bytes,
    struct err *err)
{
	char path[DISK_PATH_SIZE];
	int r = disk_path(pool, id, path, err);

	(void)limit_bytes;
	if (r < 0)
		return r;
	if (mkdir(path, 0755) < 0)
		return err_errno(err, "cannot make %s", path);
	return 0;
}

static bool
is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* A folder of its own position and end of life for readdir(3). */
static DIR *
open_folder(int parent_fd, const char *name)
{
	int fd = openat(
	    parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir)
		fd_close(&fd);
	return dir;
}

/*
 * Empties the folder `name` of top_fd: files are unlinked, folders in it that
 * are not empty are moved up to top_fd under a name of their own. However deep
 * a sandbox has built, this uses two descriptors and no recursion.
 */
static int
flatten(int top_fd, const char *name, uint64_t *counter)
{
	char moved[MOVED_NAME_SIZE];
	struct dirent *entry;
	DIR *dir = open_folder(top_fd, name);
	int r = 0;

	if (!dir)
		return -errno;
	while (r == 0 && (entry = readdir(dir))) {
		if (is_dot(entry->d_name) ||
		    unlinkat(dirfd(dir), entry->d_name, 0) == 0 ||
		    unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR) == 0)
			continue;
		do {
			(void)snprintf(moved, sizeof moved, ".gone-%llu",
			    (unsigned long long)(*counter)++);
			r = renameat2(dirfd(dir), entry->d_name, top_fd, moved,
				RENAME_NOREPLACE) < 0
				? -errno
				: 0;
		} while (r == -EEXIST);
	}
	(void)closedir(dir);
	if (r == 0 && unlinkat(top_fd, name, AT_REMOVEDIR) < 0)
		r = -errno;
	/* Something readdir(3) did not show yet: the next round will. */
	return r == -ENOTEMPTY || r == -EEXIST ? 0 : r;
}

/* One pass over the top folder. Returns how much it met, or -errno. */
static int
empty_once(int disk_fd, uint64_t *counter)
{
	struct dirent *entry;
	DIR *dir = open_folder(disk_fd, ".");
	int met = 0, r = 0;

	if (!dir)
		return -errno;
	while (r == 0 && (entry = readdir(dir))) {
		if (is_dot(entry->d_name))
			continue;
		met = 1;
		if (unlinkat(disk_fd, entry->d_name, 0) == 0)
			continue;
		r = flatten(disk_fd, entry->d_name, counter);
		if (r == -ENOENT)
			r = 0;
	}
	(void)closedir(dir);
	return r < 0 ? r : met;
}

static int
trash_path(const struct disk_pool *pool, const char *id, char *path,
    struct err *err)
{
	char folder[DISK_PATH_SIZE];
	int r = path_join(folder, sizeof folder, pool->path, DISK_TRASH, err);

	if (r < 0)
		return r;
	if (mkdir(folder, 0700) < 0 && errno != EEXIST)
		return err_errno(err, "cannot make %s", folder);
	return path_join(path, DISK_PATH_SIZE, folder, id, err);
}

static int
plain_discard(const struct disk_pool *pool, const char *id, struct err *err)
{
	char path[DISK_PATH_SIZE], trash[DISK_PATH_SIZE];
	int r;

	if ((r = disk_path(pool, id, path, err)) < 0 ||
	    (r = trash_path(pool, id, trash, err)) < 0)
		return r;
	if (rename(path, trash) == 0)
		return 1;
	if (errno != ENOENT)
		return err_errno(err, "cannot discard %s", path);
	return access(trash, F_OK) == 0;
}

static int
plain_collect(const struct disk_pool *pool, const char *id, struct err *err)
{
	char path[DISK_PATH_SIZE];
	auto_close int fd = -1;
	uint64_t counter = 0;
	int r = trash_path(pool, id, path, err);

	if (r < 0)
		return r;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return err_errno(err, "cannot open %s", path);
	do
		r = empty_once(fd, &counter);
	while (r > 0);
	if (r < 0) {
		errno = -r;
		return err_errno(err, "cannot empty %s", path);
	}
	if (rmdir(path) < 0 && errno != ENOENT)
		return err_errno(err, "cannot remove %s", path);
	return 0;
}

const struct disk_backend disk_plain = {
    .create = plain_create,
    .discard = plain_discard,
    .collect = plain_collect,
};
