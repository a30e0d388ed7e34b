// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/sftp/realpath.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINKS_MAX 33 /* as OpenSSH: one more is ELOOP */

/* `done` is resolved, "" standing for the root; `left` is still to come. */
struct walk {
	char done[PATH_MAX];
	char left[PATH_MAX];
	int n_links;
};

static void
go_up(struct walk *walk)
{
	char *slash = strrchr(walk->done, '/');

	if (slash != NULL)
		*slash = '\0';
}

/* Puts what the link at `done` holds before what is left. */
static int
follow(struct walk *walk, bool is_last)
{
	char target[PATH_MAX], whole[2 * PATH_MAX];
	ssize_t n;

	if (++walk->n_links > LINKS_MAX)
		return -ELOOP;
	n = readlink(walk->done, target, sizeof target - 1);
	if (n < 0)
		return -errno;
	target[n] = '\0';
	if (target[0] == '/')
		walk->done[0] = '\0';
	else
		go_up(walk);
	n = snprintf(whole, sizeof whole, is_last ? "%s" : "%s/%s", target,
	    walk->left);
	if (n >= PATH_MAX)
		return -ENAMETOOLONG;
	memcpy(walk->left, whole, (size_t)n + 1);
	return 0;
}

/* Takes the first part off `left`: whether nothing, not even "/", follows. */
static bool
take_part(struct walk *walk, char part[PATH_MAX])
{
	size_t size = strcspn(walk->left, "/");
	bool is_last = walk->left[size] == '\0';

	memcpy(part, walk->left, size);
	part[size] = '\0';
	memmove(walk->left, walk->left + size + !is_last,
	    strlen(walk->left + size) + is_last);
	return is_last;
}

/* One part. 1 where the walk ends at something that does not exist. */
static int
step(struct walk *walk)
{
	char part[PATH_MAX];
	bool is_last = take_part(walk, part);
	size_t size = strlen(walk->done);
	struct stat st;

	if (part[0] == '\0' || strcmp(part, ".") == 0)
		return 0;
	if (strcmp(part, "..") == 0) {
		go_up(walk);
		return 0;
	}
	if (size + 1 + strlen(part) >= PATH_MAX)
		return -ENAMETOOLONG;
	walk->done[size] = '/';
	memcpy(walk->done + size + 1, part, strlen(part) + 1);
	if (lstat(walk->done, &st) < 0)
		return errno == ENOENT && is_last ? 1 : -errno;
	return S_ISLNK(st.st_mode) ? follow(walk, is_last) : 0;
}

int
sftp_realpath(const char *path, char *ret_path)
{
	struct walk walk = {.n_links = 0};
	size_t size = strlen(path);
	int r = 0;

	if (size >= sizeof walk.left)
		return -ENAMETOOLONG;
	memcpy(walk.left, path, size + 1);
	if (path[0] != '/' && getcwd(walk.done, sizeof walk.done) == NULL)
		return -errno;
	if (strcmp(walk.done, "/") == 0)
		walk.done[0] = '\0';
	while (r == 0 && walk.left[0] != '\0')
		r = step(&walk);
	if (r < 0)
		return r;
	memcpy(ret_path, walk.done, sizeof walk.done);
	if (ret_path[0] == '\0')
		memcpy(ret_path, "/", 2);
	return 0;
}
