// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/sftp/requests.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/init/sftp/confine.h"
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

#define TYPE_EXTENDED	    200
#define EXTENSION_NAME_SIZE 64

enum sftp_status
sftp_done(struct sftp_server *server, uint32_t id, int r)
{
	if (r < 0)
		return sftp_status_of(errno);
	sftp_reply_status(server, id, SFTP_OK);
	return SFTP_OK;
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

static int
open_file(const char *path, int flags, mode_t mode)
{
	return open(path, flags, mode);
}

static mode_t
mode_of(const struct sftp_fields *fields, mode_t otherwise)
{
	return (fields->attributes.flags & SFTP_ATTR_PERMISSIONS) != 0 ?
	    fields->attributes.permissions & 07777 : otherwise;
}

static enum sftp_status
serve_open(struct sftp_server *server, uint32_t id,
    const struct sftp_fields *fields)
{
	uint32_t flags = (uint32_t)fields->numbers[0];
	const char *path = fields->paths[0];
	int64_t number;
	int fd;

	if (server->is_read_only && (flags & OPEN_CHANGES) != 0)
		return SFTP_PERMISSION_DENIED;
	fd = (server->root != NULL ? confine_open : open_file)(path,
	    open_flags(flags), mode_of(fields, 0666));
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
serve_close(struct sftp_server *server, uint32_t id,
    const struct sftp_fields *fields)
{
	struct sftp_handle *handle = fields->handles[0];
	int r;

	if (handle == NULL)
		return SFTP_NO_SUCH_FILE;
	r = sftp_handle_close(handle);
	sftp_reply_status(server, id, sftp_status_of(-r));
	return SFTP_OK;
}

/* Writes the reply as pages of the file; false where nothing was written. */
static bool
reply_pages(struct sftp_server *server, uint32_t id, int fd, uint64_t offset,
    size_t asked)
{
	struct sftp_writer *out = &server->out;
	size_t start = out->used, size;
	int r;

	if (server->has_changed || start > SFTP_SPLICE_HEAD_BYTES)
		return false;
	size = sftp_splice_size(&server->splice, fd, offset, asked);
	if (size == 0)
		return false;
	(void)sftp_reply_begin(server, SFTP_DATA, id);
	sftp_put_u32(out, (uint32_t)size);
	sftp_set_u32(out, start, (uint32_t)(out->used - start - 4 + size));
	r = sftp_splice_send(&server->splice, server->out_fd, out->data,
	    out->used, fd, offset, size);
	out->used = r == 0 ? start : 0;
	if (r < 0)
		server->error = r;
	return r != 0;
}

static enum sftp_status
serve_read(struct sftp_server *server, uint32_t id,
    const struct sftp_fields *fields)
{
	const struct sftp_handle *handle = sftp_fields_file(fields, 0);
	uint64_t offset = fields->numbers[0];
	size_t start, size_at, size = fields->numbers[1];
	ssize_t n;

	if (handle == NULL)
		return SFTP_FAILURE;
	if (size > SFTP_DATA_MAX)
		size = SFTP_DATA_MAX;
	if (reply_pages(server, id, handle->fd, offset, size))
		return SFTP_OK;
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
serve_write(struct sftp_server *server, uint32_t id,
    const struct sftp_fields *fields)
{
	const struct sftp_handle *handle = sftp_fields_file(fields, 0);
	uint64_t offset = fields->numbers[0];
	const uint8_t *data = fields->data[0];
	size_t size = fields->sizes[0];
	ssize_t n;

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
serve_lstat(struct sftp_server *server, uint32_t id,
    const struct sftp_fields *fields)
{
	struct stat st;

	return reply_stat(server, id, lstat(fields->paths[0], &st), &st);
}

static enum sftp_status
serve_stat(struct sftp_server *server, uint32_t id,
    const struct sftp_fields *fields)
{
	struct stat st;

	return reply_stat(server, id, stat(fields->paths[0], &st), &st);
}

static enum sftp_status
serve_fstat(struct sftp_server *server, uint32_t id,
    const struct sftp_fields *fields)
{
	const struct sftp_handle *handle = sftp_fields_file(fields, 0);
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
    const struct sftp_fields *fields)
{
	return set_attributes(server, id, -1, fields->paths[0],
	    &fields->attributes);
}

static enum sftp_status
serve_fsetstat(struct sftp_server *server, uint32_t id,
    const struct sftp_fields *fields)
{
	const struct sftp_handle *handle = sftp_fields_file(fields, 0);

	if (handle == NULL)
		return SFTP_FAILURE;
	return set_attributes(server, id, handle->fd, NULL,
	    &fields->attributes);
}

static enum sftp_status
serve_opendir(struct sftp_server *server, uint32_t id,
    const struct sftp_fields *fields)
{
	bool shares_offset = false;
	DIR *dir = server->root != NULL ? confine_opendir(server,
	    fields->paths[0], &shares_offset) : opendir(fields->paths[0]);
	struct sftp_handle *handle;
	int64_t number;

	if (dir == NULL)
		return sftp_status_of(errno);
	number = sftp_handle_add(&server->handles, dirfd(dir), dir, false);
	if (number < 0) {
		(void)closedir(dir);
		return SFTP_FAILURE;
	}
	handle = sftp_handle_find(&server->handles, (uint32_t)number);
	handle->shares_offset = shares_offset;
	handle->position = telldir(dir);
	return reply_handle(server, id, number);
}

static enum sftp_status
serve_readdir(struct sftp_server *server, uint32_t id,
    const struct sftp_fields *fields)
{
	struct sftp_handle *handle = fields->handles[0];
	size_t start, count_at;
	const struct dirent *entry;
	char line[LONG_NAME_SIZE];
	uint32_t count = 0;
	struct stat st;

	if (handle == NULL || handle->dir == NULL)
		return SFTP_FAILURE;
	if (handle->shares_offset)
		seekdir(handle->dir, handle->position);
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
	if (handle->shares_offset)
		handle->position = telldir(handle->dir);
	if (count == 0)
		return SFTP_EOF;
	sftp_set_u32(&server->out, count_at, count);
	sftp_reply_end(server, start);
	return SFTP_OK;
}

static enum sftp_status
serve_remove(struct sftp_server *server, uint32_t id,
    const struct sftp_fields *fields)
{
	return sftp_done(server, id, unlink(fields->paths[0]));
}

static enum sftp_status
serve_mkdir(struct sftp_server *server, uint32_t id,
    const struct sftp_fields *fields)
{
	return sftp_done(server, id, mkdir(fields->paths[0],
	    mode_of(fields, 0777)));
}

static enum sftp_status
serve_rmdir(struct sftp_server *server, uint32_t id,
    const struct sftp_fields *fields)
{
	return sftp_done(server, id, rmdir(fields->paths[0]));
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
    const struct sftp_fields *fields)
{
	return sftp_reply_realpath(server, id, fields->paths[0]);
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
    const struct sftp_fields *fields)
{
	return sftp_done(server, id, rename_without_replacing(
	    fields->paths[0], fields->paths[1]));
}

static enum sftp_status
serve_readlink(struct sftp_server *server, uint32_t id,
    const struct sftp_fields *fields)
{
	char target[PATH_MAX];
	ssize_t n = readlink(fields->paths[0], target, sizeof target - 1);

	if (n < 0)
		return sftp_status_of(errno);
	target[n] = '\0';
	return sftp_reply_name(server, id, target);
}

/* Target first, as OpenSSH has always done; the draft says otherwise. */
static enum sftp_status
serve_symlink(struct sftp_server *server, uint32_t id,
    const struct sftp_fields *fields)
{
	return sftp_done(server, id, symlink(fields->paths[0],
	    fields->paths[1]));
}

static const struct sftp_request rows[] = {
    {3, "open", NULL, "pna", serve_open, false},
    {4, "close", NULL, "h", serve_close, false},
    {5, "read", NULL, "hNn", serve_read, false},
    {6, "write", NULL, "hNd", serve_write, true},
    {7, "lstat", NULL, "l", serve_lstat, false},
    {8, "fstat", NULL, "h", serve_fstat, false},
    {9, "setstat", NULL, "pa", serve_setstat, true},
    {10, "fsetstat", NULL, "ha", serve_fsetstat, true},
    {11, "opendir", NULL, "p", serve_opendir, false},
    {12, "readdir", NULL, "h", serve_readdir, false},
    {13, "remove", NULL, "l", serve_remove, true},
    {14, "mkdir", NULL, "la", serve_mkdir, true},
    {15, "rmdir", NULL, "l", serve_rmdir, true},
    {16, "realpath", NULL, "t", serve_realpath, false},
    {17, "stat", NULL, "p", serve_stat, false},
    {18, "rename", NULL, "ll", serve_rename, true},
    {19, "readlink", NULL, "l", serve_readlink, false},
    {20, "symlink", NULL, "tl", serve_symlink, true},
};

static const struct sftp_request *
find_request(uint8_t type)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].type == type)
			return &rows[i];
	return NULL;
}

static bool
names_hidden(const struct sftp_request *request,
    const struct sftp_fields *fields)
{
	const char *letter = request->fields;

	/* Paths come before what else a request has. */
	for (size_t i = 0, n = strspn(letter, "plt"); i < n; i++)
		if (letter[i] != 't' &&
		    confine_hides(fields->paths[i], letter[i] == 'p'))
			return true;
	return false;
}

enum sftp_status
sftp_serve_request(struct sftp_server *server, uint8_t type, uint32_t id,
    struct sftp_reader *reader)
{
	const struct sftp_request *request;
	char name[EXTENSION_NAME_SIZE];

	if (type == TYPE_EXTENDED) {
		sftp_get_text(reader, name, sizeof name);
		request = sftp_find_extension(name);
	} else {
		request = find_request(type);
	}
	if (request == NULL)
		return SFTP_OP_UNSUPPORTED;
	if (server->is_read_only && request->changes)
		return SFTP_PERMISSION_DENIED;
	server->has_changed |= request->changes;
	if (!sftp_fields_read(&server->fields, request->fields,
	    &server->handles, reader))
		return SFTP_BAD_MESSAGE;
	if (server->root != NULL && names_hidden(request, &server->fields))
		return SFTP_PERMISSION_DENIED;
	return request->handler(server, id, &server->fields);
}
