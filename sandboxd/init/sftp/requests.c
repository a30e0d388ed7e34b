// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/sftp/requests.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/init/sftp/realpath.h"

#define OPEN_READ   (1u << 0)
#define OPEN_WRITE  (1u << 1)
#define OPEN_APPEND (1u << 2)
#define OPEN_CREATE (1u << 3)
#define OPEN_TRUNC  (1u << 4)
#define OPEN_EXCL   (1u << 5)

/* An append without a write opens for reading alone, as in OpenSSH. */
#define OPEN_CHANGES (OPEN_WRITE | OPEN_CREATE | OPEN_TRUNC)

/* A directory reply ends before it is longer than this. */
#define READDIR_BYTES (32 * 1024)
#define LONG_NAME_SIZE (NAME_MAX + 192)

enum sftp_status
sftp_done(struct sftp_server *server, uint32_t id, int r)
{
	if (r < 0)
		return sftp_status_of(errno);
	sftp_reply_status(server, id, SFTP_OK);
	return SFTP_OK;
}

/* NULL for a handle that is malformed or not open. */
static struct sftp_handle *
get_handle(struct sftp_server *server, struct sftp_reader *reader)
{
	size_t size;
	const uint8_t *data = sftp_get_string(reader, &size);
	uint32_t number;

	if (size != sizeof number)
		return NULL;
	memcpy(&number, data, sizeof number);
	return sftp_handle_find(&server->handles, __builtin_bswap32(number));
}

struct sftp_handle *
sftp_get_file(struct sftp_server *server, struct sftp_reader *reader)
{
	struct sftp_handle *handle = get_handle(server, reader);

	return handle != NULL && handle->dir == NULL ? handle : NULL;
}

enum sftp_status
sftp_on_path(struct sftp_server *server, uint32_t id,
    struct sftp_reader *reader, int (*call)(const char *path))
{
	char path[PATH_MAX];

	sftp_get_text(reader, path, sizeof path);
	return reader->is_bad ? SFTP_BAD_MESSAGE :
	    sftp_done(server, id, call(path));
}

enum sftp_status
sftp_on_paths(struct sftp_server *server, uint32_t id,
    struct sftp_reader *reader, int (*call)(const char *, const char *))
{
	char first[PATH_MAX], second[PATH_MAX];

	sftp_get_text(reader, first, sizeof first);
	sftp_get_text(reader, second, sizeof second);
	return reader->is_bad ? SFTP_BAD_MESSAGE :
	    sftp_done(server, id, call(first, second));
}

static enum sftp_status
reply_handle(struct sftp_server *server, uint32_t id, int64_t number)
{
	size_t start = sftp_reply_begin(server, SFTP_HANDLE, id);

	sftp_put_u32(&server->out, SFTP_HANDLE_SIZE);
	sftp_put_u32(&server->out, (uint32_t)number);
	sftp_reply_end(server, start);
	return SFTP_OK;
}

static int
open_flags(uint32_t flags)
{
	int access = (flags & OPEN_WRITE) == 0 ? O_RDONLY :
	    (flags & OPEN_READ) == 0 ? O_WRONLY : O_RDWR;

	return access | ((flags & OPEN_APPEND) != 0 ? O_APPEND : 0) |
	    ((flags & OPEN_CREATE) != 0 ? O_CREAT : 0) |
	    ((flags & OPEN_TRUNC) != 0 ? O_TRUNC : 0) |
	    ((flags & OPEN_EXCL) != 0 ? O_EXCL : 0) | O_CLOEXEC | O_NOCTTY;
}

/*
 * A login for files alone must not run code in the processes others have of the
 * same user: it writes neither to their memory nor, past /proc/PID/fd, into the
 * pipe a shell reads. -1 with errno.
 */
static int
open_to_write(const char *path, int flags, mode_t mode)
{
	const struct open_how how = {.flags = (uint64_t)flags,
	    .mode = (flags & O_CREAT) != 0 ? mode : 0,
	    .resolve = RESOLVE_NO_MAGICLINKS};
	auto_close int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how,
	    sizeof how);
	struct statfs fs;

	if (fd < 0 || fstatfs(fd, &fs) < 0)
		return -1;
	if (fs.f_type == PROC_SUPER_MAGIC) {
		errno = EACCES;
		return -1;
	}
	return take_fd(&fd);
}

static enum sftp_status
serve_open(struct sftp_server *server, uint32_t id, struct sftp_reader *reader)
{
	struct sftp_attributes attributes;
	char path[PATH_MAX];
	uint32_t flags;
	mode_t mode;
	int64_t number;
	int fd;

	sftp_get_text(reader, path, sizeof path);
	flags = sftp_get_u32(reader);
	sftp_get_attributes(reader, &attributes);
	if (reader->is_bad)
		return SFTP_BAD_MESSAGE;
	if (server->is_read_only && (flags & OPEN_CHANGES) != 0)
		return SFTP_PERMISSION_DENIED;
	mode = (attributes.flags & SFTP_ATTR_PERMISSIONS) != 0 ?
	    attributes.permissions & 07777 : 0666;
	fd = (flags & OPEN_CHANGES) != 0 ?
	    open_to_write(path, open_flags(flags), mode) :
	    open(path, open_flags(flags));
	if (fd < 0)
		return sftp_status_of(errno);
	number = sftp_handle_add(&server->handles, fd, NULL,
	    (flags & OPEN_APPEND) != 0);
	if (number >= 0)
		return reply_handle(server, id, number);
	(void)close(fd);
	return SFTP_FAILURE;
}

static enum sftp_status
serve_close(struct sftp_server *server, uint32_t id, struct sftp_reader *reader)
{
	struct sftp_handle *handle = get_handle(server, reader);
	int r;

	if (handle == NULL)
		return SFTP_NO_SUCH_FILE;
	r = sftp_handle_close(handle);
	sftp_reply_status(server, id, sftp_status_of(-r));
	return SFTP_OK;
}

static enum sftp_status
serve_read(struct sftp_server *server, uint32_t id, struct sftp_reader *reader)
{
	struct sftp_handle *handle = sftp_get_file(server, reader);
	uint64_t offset = sftp_get_u64(reader);
	uint32_t size = sftp_get_u32(reader);
	size_t start, size_at;
	ssize_t n;

	if (reader->is_bad)
		return SFTP_BAD_MESSAGE;
	if (handle == NULL)
		return SFTP_FAILURE;
	if (size > SFTP_DATA_MAX)
		size = SFTP_DATA_MAX;
	start = sftp_reply_begin(server, SFTP_DATA, id);
	size_at = server->out.used;
	sftp_put_u32(&server->out, 0);
	/* Straight into the reply. */
	n = pread(handle->fd, server->out.data + server->out.used, size,
	    (off_t)offset);
	if (n < 0)
		return sftp_status_of(errno);
	if (n == 0 && size > 0)
		return SFTP_EOF;
	server->out.used += (size_t)n;
	sftp_set_u32(&server->out, size_at, (uint32_t)n);
	sftp_reply_end(server, start);
	return SFTP_OK;
}

static enum sftp_status
serve_write(struct sftp_server *server, uint32_t id, struct sftp_reader *reader)
{
	struct sftp_handle *handle = sftp_get_file(server, reader);
	uint64_t offset = sftp_get_u64(reader);
	size_t size;
	const uint8_t *data = sftp_get_string(reader, &size);
	ssize_t n;

	if (reader->is_bad)
		return SFTP_BAD_MESSAGE;
	if (handle == NULL)
		return SFTP_FAILURE;
	/* Once at least: also a write of nothing can be forbidden. */
	do {
		n = handle->appends ? write(handle->fd, data, size) :
		    pwrite(handle->fd, data, size, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return sftp_status_of(errno);
		if (n == 0)
			break;
		data += n;
		offset += (uint64_t)n;
		size -= (size_t)n;
	} while (size > 0);
	if (size > 0)
		return SFTP_FAILURE;
	sftp_reply_status(server, id, SFTP_OK);
	return SFTP_OK;
}

static enum sftp_status
reply_stat(struct sftp_server *server, uint32_t id, int r,
    const struct stat *st)
{
	size_t start;

	if (r < 0)
		return sftp_status_of(errno);
	start = sftp_reply_begin(server, SFTP_ATTRS, id);
	sftp_put_stat(&server->out, st);
	sftp_reply_end(server, start);
	return SFTP_OK;
}

static enum sftp_status
serve_stat_as(struct sftp_server *server, uint32_t id,
    struct sftp_reader *reader, int flags)
{
	char path[PATH_MAX];
	struct stat st;

	sftp_get_text(reader, path, sizeof path);
	if (reader->is_bad)
		return SFTP_BAD_MESSAGE;
	return reply_stat(server, id, fstatat(AT_FDCWD, path, &st, flags),
	    &st);
}

static enum sftp_status
serve_lstat(struct sftp_server *server, uint32_t id, struct sftp_reader *reader)
{
	return serve_stat_as(server, id, reader, AT_SYMLINK_NOFOLLOW);
}

static enum sftp_status
serve_stat(struct sftp_server *server, uint32_t id, struct sftp_reader *reader)
{
	return serve_stat_as(server, id, reader, 0);
}

static enum sftp_status
serve_fstat(struct sftp_server *server, uint32_t id, struct sftp_reader *reader)
{
	struct sftp_handle *handle = sftp_get_file(server, reader);
	struct stat st;

	if (handle == NULL)
		return SFTP_FAILURE;
	return reply_stat(server, id, fstat(handle->fd, &st), &st);
}

/* Everything asked for is tried; the last failure is what is told. */
static enum sftp_status
set_attributes(struct sftp_server *server, uint32_t id, int fd,
    const char *path, const struct sftp_attributes *attributes)
{
	int code = 0;

	if ((attributes->flags & SFTP_ATTR_SIZE) != 0 && (path != NULL ?
	    truncate(path, (off_t)attributes->size) :
	    ftruncate(fd, (off_t)attributes->size)) < 0)
		code = errno;
	if ((attributes->flags & SFTP_ATTR_PERMISSIONS) != 0 && (path != NULL ?
	    chmod(path, attributes->permissions & 07777) :
	    fchmod(fd, attributes->permissions & 07777)) < 0)
		code = errno;
	if ((attributes->flags & SFTP_ATTR_ACMODTIME) != 0) {
		struct timespec times[2] = {{.tv_sec = attributes->atime},
		    {.tv_sec = attributes->mtime}};

		if ((path != NULL ? utimensat(AT_FDCWD, path, times, 0) :
		    futimens(fd, times)) < 0)
			code = errno;
	}
	if ((attributes->flags & SFTP_ATTR_UIDGID) != 0 && (path != NULL ?
	    chown(path, attributes->uid, attributes->gid) :
	    fchown(fd, attributes->uid, attributes->gid)) < 0)
		code = errno;
	sftp_reply_status(server, id, sftp_status_of(code));
	return SFTP_OK;
}

static enum sftp_status
serve_setstat(struct sftp_server *server, uint32_t id,
    struct sftp_reader *reader)
{
	struct sftp_attributes attributes;
	char path[PATH_MAX];

	sftp_get_text(reader, path, sizeof path);
	sftp_get_attributes(reader, &attributes);
	if (reader->is_bad)
		return SFTP_BAD_MESSAGE;
	return set_attributes(server, id, -1, path, &attributes);
}

static enum sftp_status
serve_fsetstat(struct sftp_server *server, uint32_t id,
    struct sftp_reader *reader)
{
	struct sftp_handle *handle = sftp_get_file(server, reader);
	struct sftp_attributes attributes;

	sftp_get_attributes(reader, &attributes);
	if (reader->is_bad)
		return SFTP_BAD_MESSAGE;
	if (handle == NULL)
		return SFTP_FAILURE;
	return set_attributes(server, id, handle->fd, NULL, &attributes);
}

static enum sftp_status
serve_opendir(struct sftp_server *server, uint32_t id,
    struct sftp_reader *reader)
{
	char path[PATH_MAX];
	int64_t number;
	DIR *dir;

	sftp_get_text(reader, path, sizeof path);
	if (reader->is_bad)
		return SFTP_BAD_MESSAGE;
	dir = opendir(path);
	if (dir == NULL)
		return sftp_status_of(errno);
	number = sftp_handle_add(&server->handles, dirfd(dir), dir, false);
	if (number >= 0)
		return reply_handle(server, id, number);
	(void)closedir(dir);
	return SFTP_FAILURE;
}

static enum sftp_status
serve_readdir(struct sftp_server *server, uint32_t id,
    struct sftp_reader *reader)
{
	struct sftp_handle *handle = get_handle(server, reader);
	size_t start, count_at;
	const struct dirent *entry;
	char line[LONG_NAME_SIZE];
	uint32_t count = 0;
	struct stat st;

	if (handle == NULL || handle->dir == NULL)
		return SFTP_FAILURE;
	start = sftp_reply_begin(server, SFTP_NAME, id);
	count_at = server->out.used;
	sftp_put_u32(&server->out, 0);
	while (server->out.used - start < READDIR_BYTES &&
	    (entry = readdir(handle->dir)) != NULL) {
		if (fstatat(handle->fd, entry->d_name, &st,
		    AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		names_long(&server->names, entry->d_name, &st, line,
		    sizeof line);
		sftp_put_text(&server->out, entry->d_name);
		sftp_put_text(&server->out, line);
		sftp_put_stat(&server->out, &st);
		count++;
	}
	if (count == 0)
		return SFTP_EOF;
	sftp_set_u32(&server->out, count_at, count);
	sftp_reply_end(server, start);
	return SFTP_OK;
}

static enum sftp_status
serve_remove(struct sftp_server *server, uint32_t id,
    struct sftp_reader *reader)
{
	return sftp_on_path(server, id, reader, unlink);
}

static enum sftp_status
serve_mkdir(struct sftp_server *server, uint32_t id, struct sftp_reader *reader)
{
	struct sftp_attributes attributes;
	char path[PATH_MAX];

	sftp_get_text(reader, path, sizeof path);
	sftp_get_attributes(reader, &attributes);
	if (reader->is_bad)
		return SFTP_BAD_MESSAGE;
	return sftp_done(server, id, mkdir(path,
	    (attributes.flags & SFTP_ATTR_PERMISSIONS) != 0 ?
	    attributes.permissions & 07777 : 0777));
}

static enum sftp_status
serve_rmdir(struct sftp_server *server, uint32_t id, struct sftp_reader *reader)
{
	return sftp_on_path(server, id, reader, rmdir);
}

enum sftp_status
sftp_reply_name(struct sftp_server *server, uint32_t id, const char *name)
{
	size_t start = sftp_reply_begin(server, SFTP_NAME, id);

	sftp_put_u32(&server->out, 1);
	sftp_put_text(&server->out, name);
	sftp_put_text(&server->out, name);
	sftp_put_u32(&server->out, 0); /* no attributes */
	sftp_reply_end(server, start);
	return SFTP_OK;
}

enum sftp_status
sftp_reply_realpath(struct sftp_server *server, uint32_t id, const char *path)
{
	char resolved[PATH_MAX];
	int r = sftp_realpath(path[0] != '\0' ? path : ".", resolved);

	return r < 0 ? sftp_status_of(-r) :
	    sftp_reply_name(server, id, resolved);
}

static enum sftp_status
serve_realpath(struct sftp_server *server, uint32_t id,
    struct sftp_reader *reader)
{
	char path[PATH_MAX];

	sftp_get_text(reader, path, sizeof path);
	return reader->is_bad ? SFTP_BAD_MESSAGE :
	    sftp_reply_realpath(server, id, path);
}

/* Version 3's rename does not replace. */
static int
rename_without_replacing(const char *from, const char *to)
{
	struct stat st;
	int r = renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);

	if (r == 0 || errno != EINVAL)
		return r;
	/* File systems that cannot: look first, and lose the race. */
	if (lstat(to, &st) < 0)
		return rename(from, to);
	errno = EEXIST;
	return -1;
}

static enum sftp_status
serve_rename(struct sftp_server *server, uint32_t id,
    struct sftp_reader *reader)
{
	return sftp_on_paths(server, id, reader, rename_without_replacing);
}

static enum sftp_status
serve_readlink(struct sftp_server *server, uint32_t id,
    struct sftp_reader *reader)
{
	char path[PATH_MAX], target[PATH_MAX];
	ssize_t n;

	sftp_get_text(reader, path, sizeof path);
	if (reader->is_bad)
		return SFTP_BAD_MESSAGE;
	n = readlink(path, target, sizeof target - 1);
	if (n < 0)
		return sftp_status_of(errno);
	target[n] = '\0';
	return sftp_reply_name(server, id, target);
}

/* Target first, as OpenSSH has always done; the draft says otherwise. */
static enum sftp_status
serve_symlink(struct sftp_server *server, uint32_t id,
    struct sftp_reader *reader)
{
	return sftp_on_paths(server, id, reader, symlink);
}

static const struct sftp_request rows[] = {
    {3, "open", serve_open, false},
    {4, "close", serve_close, false},
    {5, "read", serve_read, false},
    {6, "write", serve_write, true},
    {7, "lstat", serve_lstat, false},
    {8, "fstat", serve_fstat, false},
    {9, "setstat", serve_setstat, true},
    {10, "fsetstat", serve_fsetstat, true},
    {11, "opendir", serve_opendir, false},
    {12, "readdir", serve_readdir, false},
    {13, "remove", serve_remove, true},
    {14, "mkdir", serve_mkdir, true},
    {15, "rmdir", serve_rmdir, true},
    {16, "realpath", serve_realpath, false},
    {17, "stat", serve_stat, false},
    {18, "rename", serve_rename, true},
    {19, "readlink", serve_readlink, false},
    {20, "symlink", serve_symlink, true},
    {200, "extended", sftp_extended, false}, /* looks at the name */
};

const struct sftp_request *
sftp_find_request(uint8_t type)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].type == type)
			return &rows[i];
	return NULL;
}
