// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/files/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/init/files/tree.h"

struct walk {
	int (*visit)(
	    void *arg, const struct walk_entry *entry, struct err *err);
	void *arg;
	bool is_all_wanted;
	char path[PATH_MAX]; /* of what is visited */
};

static int go_through(struct walk *walk, int folder_fd, dev_t device,
    unsigned int depth, struct err *err);

/* What is in there is made by whoever looks, and has no end. */
static bool
is_of_kernel(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 &&
	    (fs.f_type == PROC_SUPER_MAGIC || fs.f_type == SYSFS_MAGIC ||
		fs.f_type == CGROUP2_SUPER_MAGIC);
}

static int
enter(struct walk *walk, const struct walk_entry *entry, dev_t device,
    unsigned int depth, struct err *err)
{
	auto_close int fd = -1;

	if (depth == TREE_DEPTH_MAX)
		return walk->is_all_wanted ?
		    tree_fail(err, ELOOP, walk->path) : 0;
	fd = openat(entry->folder_fd, entry->name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && walk->is_all_wanted && errno != ENOENT)
		return tree_fail(err, errno, walk->path);
	if (fd < 0 || (entry->st->st_dev != device && is_of_kernel(fd)))
		return 0;
	return go_through(walk, take_fd(&fd), entry->st->st_dev, depth + 1,
	    err);
}

/* One name, behind the n bytes of the path so far. */
static int
meet(struct walk *walk, int folder_fd, const char *name, size_t n,
    dev_t device, unsigned int depth, struct err *err)
{
	struct stat st;
	const struct walk_entry entry = {folder_fd, name, walk->path, &st};
	int used = snprintf(walk->path + n, sizeof walk->path - n, "%s%s",
	    n > 0 ? "/" : "", name);
	int r;

	if (used >= (int)(sizeof walk->path - n))
		return walk->is_all_wanted ?
		    tree_fail(err, ENAMETOOLONG, walk->path) : 0;
	if (fstatat(folder_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return walk->is_all_wanted && errno != ENOENT ?
		    tree_fail(err, errno, walk->path) : 0;
	r = walk->visit(walk->arg, &entry, err);
	return r == 0 && S_ISDIR(st.st_mode) ?
	    enter(walk, &entry, device, depth, err) : r;
}

/* Takes over folder_fd. */
static int
go_through(struct walk *walk, int folder_fd, dev_t device,
    unsigned int depth, struct err *err)
{
	const size_t n = strlen(walk->path);
	DIR *folder = fdopendir(folder_fd);
	const struct dirent *entry;
	int r = 0;

	if (folder == NULL) {
		fd_close(&folder_fd);
		return 0;
	}
	while (r == 0 && (entry = readdir(folder)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			r = meet(walk, dirfd(folder), entry->d_name, n,
			    device, depth, err);
	walk->path[n] = '\0';
	(void)closedir(folder);
	return r;
}

int
walk_folder(const char *path, bool is_all_wanted,
    int (*visit)(void *arg, const struct walk_entry *entry, struct err *err),
    void *arg, struct err *err)
{
	struct walk walk = {.visit = visit, .arg = arg,
	    .is_all_wanted = is_all_wanted};
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		tree_fail(err, errno, path);
		fd_close(&fd);
		return -err->code;
	}
	return go_through(&walk, fd, st.st_dev, 0, err);
}
