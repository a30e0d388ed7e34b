// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/files/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/init/files/tree.h"

#define FOLDER_MODE 0755

static int
fail(struct err *err, int code, const char *path)
{
	if (code == EXDEV || code == ELOOP)
		return err_set(err, EINVAL, "archive: \"%.128s\" leads out of "
		    "the folder", path);
	return tree_fail(err, code, path);
}

/* A descriptor or -errno. */
static int
open_beneath(int fd, const char *path, uint64_t flags)
{
	const struct open_how how = {
	    .flags = O_DIRECTORY | O_CLOEXEC | flags,
	    .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
	long r = syscall(SYS_openat2, fd, path, &how, sizeof how);

	return r < 0 ? -errno : (int)r;
}

static bool
has_dots(const char *path)
{
	for (const char *p = path; p != NULL; p = strchr(p, '/')) {
		p += *p == '/';
		if (strcmp(p, "..") == 0 || strncmp(p, "../", 3) == 0)
			return true;
	}
	return false;
}

/* One more part of a path, in its folder, which is known; a descriptor or
 * -errno. */
static int
enter(const struct beneath *beneath, int parent_fd, const char *path,
    const char *part, bool makes)
{
	int fd = open_beneath(beneath->fd, path, O_RDONLY);

	if (fd != -ENOENT || !makes)
		return fd;
	if (mkdirat(parent_fd, part, FOLDER_MODE) < 0 && errno != EEXIST)
		return -errno;
	return open_beneath(beneath->fd, path, O_RDONLY);
}

/* The folder of a path, "" = the first; a descriptor, or -errno with words. */
static int
find_folder(struct beneath *beneath, char *path, bool makes, struct err *err)
{
	auto_close int at = open_beneath(beneath->fd, ".", O_RDONLY);
	char *slash = path;
	int fd;

	if (at < 0)
		return fail(err, -at, path);
	while (slash != NULL && *path != '\0') {
		char *part = slash == path ? path : slash + 1;

		slash = strchr(part, '/');
		if (slash != NULL)
			*slash = '\0';
		fd = *part == '\0' ? 0 : enter(beneath, at, path, part, makes);
		if (fd < 0)
			return fail(err, -fd, path);
		if (*part != '\0') {
			fd_close(&at);
			at = fd;
		}
		if (slash != NULL)
			*slash = '/';
	}
	return take_fd(&at);
}

/* It, or the one that was last asked for. */
static int
find_again(struct beneath *beneath, char *path, bool makes, struct err *err)
{
	int fd;

	if (beneath->last_fd < 0 || strcmp(beneath->last, path) != 0) {
		fd = find_folder(beneath, path, makes, err);
		if (fd < 0)
			return fd;
		fd_close(&beneath->last_fd);
		beneath->last_fd = fd;
		snprintf(beneath->last, sizeof beneath->last, "%s", path);
	}
	fd = fcntl(beneath->last_fd, F_DUPFD_CLOEXEC, 0);
	return fd < 0 ? fail(err, errno, path) : fd;
}

int
beneath_find(struct beneath *beneath, char *path, bool makes, int *ret,
    const char **ret_name, struct err *err)
{
	static char top[1];
	char *folder = top, *name, *slash;
	size_t n;
	int fd;

	while (*path == '/')
		path++;
	if (strlen(path) >= PATH_MAX)
		return err_set(err, ENAMETOOLONG, "archive: a path has at "
		    "most %d bytes", PATH_MAX - 1);
	if (has_dots(path))
		return fail(err, EXDEV, path);
	for (n = strlen(path); n > 0 && (path[n - 1] == '/' ||
	    (path[n - 1] == '.' && (n == 1 || path[n - 2] == '/')));)
		path[--n] = '\0';
	slash = strrchr(path, '/');
	name = slash != NULL ? slash + 1 : path;
	if (slash != NULL) {
		*slash = '\0';
		folder = path;
	}
	if (strlen(name) > NAME_MAX)
		return err_set(err, ENAMETOOLONG, "archive: a name has at "
		    "most %d bytes", NAME_MAX);
	fd = find_again(beneath, folder, makes, err);
	if (fd < 0)
		return fd;
	*ret = fd;
	*ret_name = name;
	return 0;
}

int
beneath_open(const struct beneath *beneath, const char *path, struct err *err)
{
	int fd = open_beneath(beneath->fd, path, O_RDONLY | O_NOFOLLOW);

	return fd < 0 ? fail(err, -fd, path) : fd;
}

void
beneath_fini(struct beneath *beneath)
{
	fd_close(&beneath->last_fd);
}
