// SPDX-License-Identifier: Apache-2.0
/* Plain folders, without a limit: the last resort. */
#include "sandboxd/disk/backend.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/paths.h"
#include "sandboxd/disk/tree.h"

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
	int r = trash_path(pool, id, path, err);

	if (r < 0)
		return r;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return err_errno(err, "cannot open %s", path);
	r = tree_empty(fd, 0);
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
