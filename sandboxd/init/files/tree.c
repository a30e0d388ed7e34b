// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/files/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"

int
tree_fail(struct err *err, int code, const char *path)
{
	if (code == EDQUOT) /* the sandbox's own disk, and no quota of others */
		code = ENOSPC;
	if (code == ENOSPC)
		return err_set(err, ENOSPC, "the sandbox's disk is full");
	return err_set(err, code, "path: \"%.128s\": %s", path,
	    strerror(code));
}

static int
make_one(const char *path, mode_t mode)
{
	struct stat st;

	if (mkdir(path, mode) == 0)
		return 0;
	if (errno != EEXIST)
		return -errno;
	if (stat(path, &st) < 0)
		return -errno;
	return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

int
tree_make_folder(const char *path, mode_t mode, struct err *err)
{
	char part[PATH_MAX];
	struct stat st;
	int r = 0;

	/* Those above may be folders that one may not even make again. */
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	snprintf(part, sizeof part, "%s", path);
	for (char *p = part + 1; r == 0 && part[0] != '\0' && *p != '\0'; p++)
		if (*p == '/' && p[-1] != '/') {
			*p = '\0';
			r = make_one(part, 0755);
			*p = '/';
			if (r == -EROFS || r == -EACCES)
				r = stat(part, &st) == 0 ? 0 : r;
		}
	if (r == 0)
		r = make_one(path, mode);
	return r < 0 ? tree_fail(err, -r, path) : 0;
}

static int empty_folder(int parent_fd, const char *name, unsigned int depth);

/* Whatever it is; 0 or -errno. */
static int
remove_at(int parent_fd, const char *name, unsigned int depth)
{
	int r;

	if (unlinkat(parent_fd, name, 0) == 0)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -errno;
	r = errno == EPERM ? -EPERM : 0;
	if (unlinkat(parent_fd, name, AT_REMOVEDIR) == 0)
		return 0;
	if (errno == ENOTDIR)
		return r < 0 ? r : -ENOTDIR;
	if (errno != ENOTEMPTY && errno != EEXIST)
		return -errno;
	r = empty_folder(parent_fd, name, depth);
	if (r == 0 && unlinkat(parent_fd, name, AT_REMOVEDIR) < 0)
		r = -errno;
	return r;
}

static int
empty_folder(int parent_fd, const char *name, unsigned int depth)
{
	int fd = openat(parent_fd, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), r = 0;
	const struct dirent *entry;
	DIR *folder;

	if (fd < 0)
		return -errno;
	folder = depth < TREE_DEPTH_MAX ? fdopendir(fd) : NULL;
	if (folder == NULL) {
		r = depth < TREE_DEPTH_MAX ? -errno : -ELOOP;
		fd_close(&fd);
		return r;
	}
	while (r == 0 && (entry = readdir(folder)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			r = remove_at(dirfd(folder), entry->d_name,
			    depth + 1);
	(void)closedir(folder);
	return r;
}

int
tree_remove(const char *path, bool is_recursive, struct err *err)
{
	int r = 0;

	if (is_recursive)
		r = remove_at(AT_FDCWD, path, 0);
	else if (unlink(path) < 0 &&
	    ((errno != EISDIR && errno != EPERM) || rmdir(path) < 0))
		r = -errno;
	return r < 0 ? tree_fail(err, -r, path) : 0;
}

int
tree_move(const char *path, const char *target, bool replaces,
    struct err *err)
{
	if (renameat2(AT_FDCWD, path, AT_FDCWD, target, replaces ? 0 :
	    RENAME_NOREPLACE) == 0)
		return 0;
	return tree_fail(err, errno, errno == EEXIST || errno == ENOTEMPTY ||
	    errno == EISDIR ? target : path);
}
