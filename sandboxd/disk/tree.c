// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/disk/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/fd.h"

#define MOVED_NAME_SIZE 32

/* Folders in folders that are gone into; those below are moved up first, which
 * takes room that a full disk may not have. */
#define DEPTH_MAX 24

struct emptying {
	int top_fd;
	uint64_t n_moved;
	uint64_t deadline_ms; /* 0 = none */
};

static bool
is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static bool
is_late(const struct emptying *e)
{
	return e->deadline_ms != 0 && clock_monotonic_ms() >= e->deadline_ms;
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

/* Under a name of its own at the top, where the next pass meets it. */
static int
move_up(struct emptying *e, int parent_fd, const char *name)
{
	char moved[MOVED_NAME_SIZE];

	do {
		(void)snprintf(moved, sizeof moved, ".gone-%llu",
		    (unsigned long long)e->n_moved++);
		if (renameat2(parent_fd, name, e->top_fd, moved,
			RENAME_NOREPLACE) == 0)
			return 0;
	} while (errno == EEXIST);
	return -errno;
}

static int drop(struct emptying *e, int parent_fd, const char *name,
    unsigned depth);

static int
clear(struct emptying *e, int parent_fd, const char *name, unsigned depth)
{
	DIR *dir = open_folder(parent_fd, name);
	struct dirent *entry;
	int r = 0;

	if (!dir)
		return -errno;
	while (r == 0 && (entry = readdir(dir)))
		r = drop(e, dirfd(dir), entry->d_name, depth);
	(void)closedir(dir);
	if (r == 0 && unlinkat(parent_fd, name, AT_REMOVEDIR) < 0)
		r = -errno;
	/* Something readdir(3) did not show yet: the next pass will. */
	return r == -ENOTEMPTY || r == -EEXIST ? 0 : r;
}

/* Removes one entry of a folder, or moves it to where it will be. */
static int
drop(struct emptying *e, int parent_fd, const char *name, unsigned depth)
{
	if (is_dot(name) || unlinkat(parent_fd, name, 0) == 0 ||
	    unlinkat(parent_fd, name, AT_REMOVEDIR) == 0)
		return is_late(e) ? -EBUSY : 0;
	if (is_late(e))
		return -EBUSY;
	return depth < DEPTH_MAX ? clear(e, parent_fd, name, depth + 1) :
	    move_up(e, parent_fd, name);
}

/* One pass over the top folder. Returns whether it met anything, or -errno. */
static int
empty_once(struct emptying *e)
{
	DIR *dir = open_folder(e->top_fd, ".");
	struct dirent *entry;
	int met = 0, r = 0;

	if (!dir)
		return -errno;
	while (r == 0 && (entry = readdir(dir))) {
		met = met || !is_dot(entry->d_name);
		r = drop(e, e->top_fd, entry->d_name, 0);
		if (r == -ENOENT)
			r = 0;
	}
	(void)closedir(dir);
	return r < 0 ? r : met;
}

int
tree_empty(int fd, unsigned timeout_ms)
{
	struct emptying e = {.top_fd = fd,
	    .deadline_ms = timeout_ms > 0 ?
		clock_monotonic_ms() + timeout_ms : 0};
	int r;

	do
		r = empty_once(&e);
	while (r > 0);
	return r;
}
