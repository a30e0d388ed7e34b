// SPDX-License-Identifier: Apache-2.0
#include "gateway/depot/content.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/fd.h"
#include "common/log.h"

#define PATH_SIZE 512

static const char incoming[] = "incoming", contents[] = "content";

/* Opens a folder to read its names; NULL where it is not there. */
static DIR *
open_folder(const struct content *content, const char *path)
{
	int fd = openat(content->dir_fd, path,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (dir == NULL)
		fd_close(&fd);
	return dir;
}

static bool
is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static void
empty_incoming(struct content *content)
{
	DIR *dir = open_folder(content, incoming);
	const struct dirent *entry;

	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL)
		if (!is_dots(entry->d_name))
			(void)unlinkat(dirfd(dir), entry->d_name, 0);
	(void)closedir(dir);
}

int
content_open(const char *dir, uint64_t min_free_bytes, struct content *ret,
    struct err *err)
{
	*ret = (struct content){open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
	    min_free_bytes};
	if (ret->dir_fd < 0)
		return err_errno(err, "%s", dir);
	if ((mkdirat(ret->dir_fd, incoming, 0700) < 0 && errno != EEXIST) ||
	    (mkdirat(ret->dir_fd, contents, 0700) < 0 && errno != EEXIST)) {
		err_errno(err, "%s", dir);
		content_close(ret);
		return -err->code;
	}
	empty_incoming(ret);
	return 0;
}

void
content_close(struct content *content)
{
	fd_close(&content->dir_fd);
}

static void
incoming_path(char path[PATH_SIZE], uint64_t number)
{
	snprintf(path, PATH_SIZE, "%s/%" PRIu64, incoming, number);
}

/* Of an organisation's folder of those whose hash begins so. */
static void
folder_path(char path[PATH_SIZE], const char *org, const char *sha256)
{
	snprintf(path, PATH_SIZE, "%s/%s/%.2s", contents, org, sha256);
}

static void
file_path(char path[PATH_SIZE], const char *org, const char *sha256)
{
	snprintf(path, PATH_SIZE, "%s/%s/%.2s/%s", contents, org, sha256,
	    sha256);
}

int
content_check_room(const struct content *content, struct err *err)
{
	int r = fd_check_room(content->dir_fd, content->min_free_bytes);

	return r == 0 ? 0 : err_set(err, -r, "artifacts_min_free: this host "
	    "keeps %" PRIu64 " MiB of its disk free of artifacts, and has no "
	    "more than that", content->min_free_bytes >> 20);
}

int
content_begin(struct content *content, uint64_t number, int *ret_fd,
    struct err *err)
{
	char path[PATH_SIZE];
	int r = content_check_room(content, err);

	if (r < 0)
		return r;
	incoming_path(path, number);
	*ret_fd = openat(content->dir_fd, path,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	return *ret_fd < 0 ? err_errno(err, "%s", path) : 0;
}

int
content_write_out(int fd, struct err *err)
{
	return fsync(fd) < 0 ? err_errno(err, "content of an artifact") : 0;
}

/* Makes a folder, and has the one above know it for good. */
static int
make_folder(struct content *content, const char *above, const char *path)
{
	auto_close int fd = -1;

	if (mkdirat(content->dir_fd, path, 0700) < 0)
		return errno == EEXIST ? 0 : -1;
	fd = openat(content->dir_fd, above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -1 : fsync(fd);
}

int
content_place(struct content *content, uint64_t number, int fd,
    const char *org, const char *sha256, struct err *err)
{
	char from[PATH_SIZE], org_path[PATH_SIZE], folder[PATH_SIZE];
	char path[PATH_SIZE];
	auto_close int folder_fd = -1;

	incoming_path(from, number);
	snprintf(org_path, sizeof org_path, "%s/%s", contents, org);
	folder_path(folder, org, sha256);
	file_path(path, org, sha256);
	if (fsync(fd) < 0 || make_folder(content, contents, org_path) < 0 ||
	    make_folder(content, org_path, folder) < 0)
		return err_errno(err, "content of an artifact");
	folder_fd = openat(content->dir_fd, folder,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder_fd < 0 || renameat(content->dir_fd, from, content->dir_fd,
	    path) < 0 || fsync(folder_fd) < 0)
		return err_errno(err, "content of an artifact");
	return 0;
}

void
content_drop(struct content *content, uint64_t number)
{
	char path[PATH_SIZE];

	incoming_path(path, number);
	(void)unlinkat(content->dir_fd, path, 0);
}

int
content_read(struct content *content, const char *org, const char *sha256,
    uint64_t size, int *ret_fd, struct err *err)
{
	char path[PATH_SIZE];
	auto_close int fd = -1;
	struct stat st;

	file_path(path, org, sha256);
	fd = openat(content->dir_fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    (uint64_t)st.st_size != size) {
		log_error("content %s of org=%s is damaged: %s", sha256, org,
		    fd < 0 ? strerror(errno) : "not of its size");
		return err_set(err, EIO, "the content is damaged");
	}
	*ret_fd = take_fd(&fd);
	return 0;
}

void
content_remove(const struct content *content, const char *org,
    const char *sha256)
{
	char path[PATH_SIZE];

	file_path(path, org, sha256);
	(void)unlinkat(content->dir_fd, path, 0);
}

void
content_sweep(struct content *content, const char *org, unsigned folder,
    int (*is_wanted)(void *arg, const char *org, const char *sha256),
    void *arg)
{
	char path[PATH_SIZE], begin[3];
	const struct dirent *entry;
	DIR *dir;

	snprintf(begin, sizeof begin, "%02x", folder & 0xff);
	folder_path(path, org, begin);
	dir = open_folder(content, path);
	if (dir != NULL) {
		while ((entry = readdir(dir)) != NULL)
			if (!is_dots(entry->d_name) &&
			    is_wanted(arg, org, entry->d_name) == 0)
				(void)unlinkat(dirfd(dir), entry->d_name, 0);
		(void)closedir(dir);
		/* Where it is empty. */
		(void)unlinkat(content->dir_fd, path, AT_REMOVEDIR);
	}
	if (folder != CONTENT_FOLDERS - 1)
		return;
	snprintf(path, sizeof path, "%s/%s", contents, org);
	(void)unlinkat(content->dir_fd, path, AT_REMOVEDIR);
}

void
content_next_org(struct content *content, const char *after, char ret[256])
{
	DIR *dir = open_folder(content, contents);
	const struct dirent *entry;

	*ret = '\0';
	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL)
		if (!is_dots(entry->d_name) &&
		    strcmp(entry->d_name, after) > 0 &&
		    (*ret == '\0' || strcmp(entry->d_name, ret) < 0))
			snprintf(ret, 256, "%s", entry->d_name);
	(void)closedir(dir);
}
