// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/files/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/init/files/tree.h"

#define MODE_DEFAULT 0644
#define FOLDER_MODE  0755
#define TRIES	     16 /* of names that are taken */
#define LINKS_MAX    40 /* as the kernel has it */

/* Where a link to nothing leads: where open(2) would make it. */
static int
follow_to_nothing(const char *path, char resolved[PATH_MAX])
{
	char target[PATH_MAX], next[PATH_MAX];
	const char *slash;
	ssize_t n;
	int used;

	snprintf(resolved, PATH_MAX, "%s", path);
	for (int i = 0; i < LINKS_MAX; i++) {
		n = readlink(resolved, target, sizeof target - 1);
		if (n < 0)
			return errno == ENOENT || errno == EINVAL ? 0 : -errno;
		target[n] = '\0';
		slash = target[0] == '/' ? NULL : strrchr(resolved, '/');
		used = snprintf(next, sizeof next, "%.*s%s", slash != NULL ?
		    (int)(slash - resolved) + 1 : 0, resolved, target);
		if (used >= (int)sizeof next)
			return -ENAMETOOLONG;
		memcpy(resolved, next, (size_t)used + 1);
	}
	return -ELOOP;
}

/* Where the path leads, in *ret, for a link; else the path. */
static int
follow(const char *path, char resolved[PATH_MAX], const char **ret,
    struct err *err)
{
	struct stat st;
	int r = 0;

	*ret = path;
	if (lstat(path, &st) < 0 || !S_ISLNK(st.st_mode))
		return 0;
	if (realpath(path, resolved) == NULL)
		r = errno == ENOENT ? follow_to_nothing(path, resolved) :
		    -errno;
	*ret = resolved;
	return r < 0 ? tree_fail(err, -r, path) : 0;
}

static int
open_folder(struct place *place, const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	char folder[PATH_MAX];
	int r = 0;

	if (name[0] == '\0' || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0)
		return err_set(err, EISDIR, "path: \"%.128s\" is a folder",
		    path);
	if (strlen(name) > NAME_MAX)
		return err_set(err, ENAMETOOLONG, "path: a name has at most "
		    "%d bytes", NAME_MAX);
	snprintf(place->name, sizeof place->name, "%s", name);
	snprintf(folder, sizeof folder, "%.*s", (int)(name - path), path);
	if (folder[0] != '\0')
		r = tree_make_folder(folder, FOLDER_MODE, err);
	if (r < 0)
		return r;
	place->folder_fd = open(folder[0] != '\0' ? folder : ".",
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return place->folder_fd < 0 ? tree_fail(err, errno, folder) : 0;
}

/* What it replaces has to be a file; its mode is kept. */
static int
look_at_old(struct place *place, const char *path, struct err *err)
{
	struct stat st;

	if (fstatat(place->folder_fd, place->name, &st,
	    AT_SYMLINK_NOFOLLOW) < 0) {
		if (place->mode == 0)
			place->mode = MODE_DEFAULT;
		return errno == ENOENT ? 0 : tree_fail(err, errno, path);
	}
	if (S_ISDIR(st.st_mode))
		return err_set(err, EISDIR, "path: \"%.128s\" is a folder",
		    path);
	if (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
		return err_set(err, EINVAL, "path: \"%.128s\" is no regular "
		    "file", path);
	if (place->mode == 0)
		place->mode = S_ISREG(st.st_mode) ? st.st_mode & 07777 :
		    MODE_DEFAULT;
	return 0;
}

static void
choose_hidden(struct place *place)
{
	uint64_t number = 0;

	arc4random_buf(&number, sizeof number);
	snprintf(place->hidden, sizeof place->hidden, ".sandgate-%016llx",
	    (unsigned long long)number);
}

/* With a name only where the file system knows no files without one. */
static int
open_hidden(struct place *place)
{
	place->fd = openat(place->folder_fd, ".",
	    O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	if (place->fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR &&
	    errno != ENOENT))
		return place->fd < 0 ? -errno : 0;
	choose_hidden(place);
	place->fd = openat(place->folder_fd, place->hidden,
	    O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (place->fd >= 0)
		return 0;
	place->hidden[0] = '\0';
	return -errno;
}

int
place_begin(struct place *place, const char *path, mode_t mode,
    uint64_t size, struct err *err)
{
	char resolved[PATH_MAX];
	int r = follow(path, resolved, &path, err);

	if (r < 0)
		return r;
	place->mode = mode & 07777;
	place->size = size;
	place->written = 0;
	r = open_folder(place, path, err);
	if (r == 0)
		r = look_at_old(place, path, err);
	if (r < 0)
		return r;
	r = open_hidden(place);
	return r < 0 ? tree_fail(err, -r, path) : 0;
}

int
place_begin_in(struct place *place, int folder_fd, const char *name,
    mode_t mode, uint64_t size, struct err *err)
{
	struct stat st;
	int r;

	place->folder_fd = folder_fd;
	place->mode = mode & 07777;
	place->size = size;
	place->written = 0;
	snprintf(place->name, sizeof place->name, "%s", name);
	if (fstatat(folder_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISDIR(st.st_mode))
		return tree_fail(err, EISDIR, name);
	r = open_hidden(place);
	return r < 0 ? tree_fail(err, -r, name) : 0;
}

int
place_skip(struct place *place, uint64_t at, struct err *err)
{
	if (at < place->written || at > place->size || at > INT64_MAX)
		return err_set(err, EINVAL, "size: a hole that is not in the "
		    "file");
	if (at > place->written && (ftruncate(place->fd, (off_t)at) < 0 ||
	    lseek(place->fd, (off_t)at, SEEK_SET) < 0))
		return tree_fail(err, errno, place->name);
	place->written = at;
	return 0;
}

int
place_write(struct place *place, const void *data, size_t size,
    struct err *err)
{
	int r;

	if (size > place->size - place->written)
		return err_set(err, EINVAL, "size: more than the announced "
		    "%llu bytes came", (unsigned long long)place->size);
	r = fd_write_all(place->fd, data, size);
	if (r < 0)
		return tree_fail(err, -r, place->name);
	place->written += size;
	return 0;
}

/* Gives what has no name one; 0 or -errno. */
static int
name_hidden(struct place *place)
{
	char self[64];

	if (place->hidden[0] != '\0')
		return 0;
	snprintf(self, sizeof self, "/proc/self/fd/%d", place->fd);
	for (int i = 0; i < TRIES; i++) {
		choose_hidden(place);
		if (linkat(AT_FDCWD, self, place->folder_fd, place->hidden,
		    AT_SYMLINK_FOLLOW) == 0)
			return 0;
		if (errno != EEXIST)
			break;
	}
	place->hidden[0] = '\0';
	return -errno;
}

int
place_commit(struct place *place, struct err *err)
{
	struct stat st;
	int r = 0;

	if (fchmod(place->fd, place->mode) < 0 || fstat(place->fd, &st) < 0)
		return tree_fail(err, errno, place->name);
	if ((uint64_t)st.st_size != place->written ||
	    (place->size != PLACE_SIZE_ANY && place->written != place->size))
		return err_set(err, EINVAL, "size: %llu bytes came, not the "
		    "announced %llu", (unsigned long long)place->written,
		    (unsigned long long)place->size);
	r = name_hidden(place);
	if (r == 0 && renameat(place->folder_fd, place->hidden,
	    place->folder_fd, place->name) < 0)
		r = -errno;
	if (r < 0)
		return tree_fail(err, -r, place->name);
	place->hidden[0] = '\0';
	return 0;
}

void
place_undo(struct place *place)
{
	if (place->hidden[0] != '\0')
		(void)unlinkat(place->folder_fd, place->hidden, 0);
	place->hidden[0] = '\0';
	fd_close(&place->fd);
	fd_close(&place->folder_fd);
}
