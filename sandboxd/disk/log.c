// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/disk/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/output_log.h"
#include "common/parse.h"
#include "common/paths.h"
#include "sandboxd/disk/backend.h"

/* The folder in a pool with the logs of disks that are gone, by id. */
#define LOGS ".logs"

#define COPY_BYTES 65536

static int
log_path(const struct disk_pool *pool, const char *id, char *path,
    struct err *err)
{
	char folder[DISK_PATH_SIZE];
	int r = disk_path(pool, id, folder, err);

	return r < 0 ? r :
	    path_join(path, DISK_PATH_SIZE, folder, DISK_LOG, err);
}

/* Of one whose disk is gone. */
static int
left_path(const struct disk_pool *pool, const char *id, char *path,
    struct err *err)
{
	char folder[DISK_PATH_SIZE];
	int r;

	if (!sandbox_id_is_valid(id))
		return err_set(err, EINVAL, "not a sandbox id: \"%s\"", id);
	r = path_join(folder, sizeof folder, pool->path, LOGS, err);
	return r < 0 ? r : path_join(path, DISK_PATH_SIZE, folder, id, err);
}

int
disk_log_open(const struct disk_pool *pool, const char *id, struct err *err)
{
	char path[DISK_PATH_SIZE];
	int fd, r = log_path(pool, id, path, err);

	if (r < 0)
		return r;
	fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd < 0 ? err_errno(err, "cannot open %s", path) : fd;
}

int
disk_log_read(const struct disk_pool *pool, const char *id,
    uint32_t *ret_is_gone, struct err *err)
{
	char path[DISK_PATH_SIZE];
	int fd, r = log_path(pool, id, path, err);

	if (r < 0)
		return r;
	*ret_is_gone = 0;
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		if ((r = left_path(pool, id, path, err)) < 0)
			return r;
		*ret_is_gone = 1;
		fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	}
	return fd < 0 ? err_errno(err, "cannot open %s", path) : fd;
}

int
disk_log_drop(const struct disk_pool *pool, const char *id, struct err *err)
{
	char path[DISK_PATH_SIZE];
	int r = log_path(pool, id, path, err);

	if (r == 0 && unlink(path) < 0 && errno != ENOENT)
		r = err_errno(err, "cannot remove %s", path);
	return r;
}

/*
 * Through memory, not by sharing blocks: that would have all that is not
 * written out yet written first. No more than a log may have is read.
 */
static int
copy_bytes(int from_fd, int to_fd)
{
	char data[COPY_BYTES];
	size_t left = OUTPUT_LOG_BYTES;
	ssize_t n = 1;
	int r = 0;

	while (left > 0 && n > 0 && r == 0) {
		n = read(from_fd, data, left < sizeof data ? left :
		    sizeof data);
		if (n > 0) {
			r = fd_write_all(to_fd, data, (size_t)n);
			left -= (size_t)n;
		}
	}
	return n < 0 ? -errno : r;
}

/* Nothing is left of a copy that was not whole. */
static int
copy_file(const char *from, const char *to, struct err *err)
{
	auto_close int from_fd = open(from,
	    O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	auto_close int to_fd = -1;
	struct stat status;
	int r;

	if (from_fd < 0 && errno == ENOENT)
		return 0;
	if (from_fd < 0 || fstat(from_fd, &status) < 0)
		return err_errno(err, "cannot open %s", from);
	if (status.st_size == 0)
		return 0;
	to_fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
	    0600);
	r = to_fd < 0 ? -errno : copy_bytes(from_fd, to_fd);
	if (r == 0)
		return 0;
	(void)unlink(to);
	return err_set(err, -r, "cannot write %s: %s", to, strerror(-r));
}

int
disk_log_leave(const struct disk_pool *pool, const char *id, bool is_kept,
    struct err *err)
{
	char path[DISK_PATH_SIZE], left[DISK_PATH_SIZE];
	int r = log_path(pool, id, path, err);

	if (r == 0 && is_kept) {
		r = path_join(left, sizeof left, pool->path, LOGS, err);
		if (r == 0 && mkdir(left, 0700) < 0 && errno != EEXIST)
			r = err_errno(err, "cannot make %s", left);
		if (r == 0)
			r = left_path(pool, id, left, err);
		if (r == 0)
			r = copy_file(path, left, err);
	}
	(void)unlink(path);
	return r;
}

int
disk_log_hand_on(const char *from, const char *to, struct err *err)
{
	char old[DISK_PATH_SIZE], new[DISK_PATH_SIZE];
	int r = path_join(old, sizeof old, from, DISK_LOG, err);

	if (r == 0)
		r = path_join(new, sizeof new, to, DISK_LOG, err);
	if (r < 0)
		return r;
	(void)unlink(new);
	return copy_file(old, new, err);
}

struct left_log {
	char id[SANDBOX_ID_SIZE];
	struct timespec at;
	uint64_t n_bytes;
};

static int
compare_age(const void *one, const void *other)
{
	const struct left_log *a = one, *b = other;

	if (a->at.tv_sec != b->at.tv_sec)
		return a->at.tv_sec < b->at.tv_sec ? -1 : 1;
	return a->at.tv_nsec < b->at.tv_nsec ? -1 :
	    a->at.tv_nsec > b->at.tv_nsec;
}

/* Those there are: how many, *ret the caller's to free; or -errno. */
static ssize_t
list_left(DIR *dir, struct left_log **ret)
{
	struct left_log *logs = NULL;
	struct dirent *entry;
	size_t n = 0;

	while ((entry = readdir(dir)) != NULL) {
		struct left_log *more;
		struct stat st;

		if (!sandbox_id_is_valid(entry->d_name) ||
		    fstatat(dirfd(dir), entry->d_name, &st,
		    AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		more = realloc(logs, (n + 1) * sizeof *logs);
		if (more == NULL) {
			free(logs);
			return -ENOMEM;
		}
		logs = more;
		logs[n] = (struct left_log){.at = st.st_mtim,
		    .n_bytes = (uint64_t)st.st_size};
		memcpy(logs[n++].id, entry->d_name, strlen(entry->d_name) + 1);
	}
	*ret = logs;
	return (ssize_t)n;
}

int
disk_log_tidy(const struct disk_pool *pool, int64_t before_s,
    uint64_t bytes_max, struct err *err)
{
	auto_free struct left_log *logs = NULL;
	char path[DISK_PATH_SIZE];
	uint64_t bytes = 0;
	ssize_t n;
	DIR *dir;
	int r = path_join(path, sizeof path, pool->path, LOGS, err);

	if (r < 0)
		return r;
	dir = opendir(path);
	if (dir == NULL)
		return errno == ENOENT ? 0 : err_errno(err, "%s", path);
	n = list_left(dir, &logs);
	for (ssize_t i = 0; i < n; i++)
		bytes += logs[i].n_bytes;
	if (n > 1)
		qsort(logs, (size_t)n, sizeof *logs, compare_age);
	for (ssize_t i = 0; i < n && (logs[i].at.tv_sec < before_s ||
	    bytes > bytes_max); i++) {
		(void)unlinkat(dirfd(dir), logs[i].id, 0);
		bytes -= logs[i].n_bytes;
	}
	(void)closedir(dir);
	return n < 0 ? err_set(err, (int)-n, "logs: out of memory") : 0;
}
