// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "sandboxd/init/process/user.h"
#include "sandboxd/init/sftp/requests.h"

#define STATVFS_READ_ONLY (1u << 0)
#define STATVFS_NO_SUID	  (1u << 1)
#define COPY_PART	  (1024 * 1024 * 1024) /* one copy_file_range(2) */
/* OpenSSH, in parts of 64 KiB, does not mind if a last one or two are short. */
#define COPY_LACKING	  (2 * 64 * 1024)

static enum sftp_status
serve_posix_rename(struct sftp_server *server, uint32_t id,
    const struct sftp_fields *fields)
{
	return sftp_done(server, id, rename(fields->paths[0],
	    fields->paths[1]));
}

static enum sftp_status
reply_statvfs(struct sftp_server *server, uint32_t id, int r,
    const struct statvfs *st)
{
	size_t start;

	if (r < 0)
		return sftp_status_of(errno);
	start = sftp_reply_begin(server, SFTP_EXTENDED_REPLY, id);
	sftp_put_u64(&server->out, st->f_bsize);
	sftp_put_u64(&server->out, st->f_frsize);
	sftp_put_u64(&server->out, st->f_blocks);
	sftp_put_u64(&server->out, st->f_bfree);
	sftp_put_u64(&server->out, st->f_bavail);
	sftp_put_u64(&server->out, st->f_files);
	sftp_put_u64(&server->out, st->f_ffree);
	sftp_put_u64(&server->out, st->f_favail);
	sftp_put_u64(&server->out, st->f_fsid);
	sftp_put_u64(&server->out,
	    ((st->f_flag & ST_RDONLY) != 0 ? STATVFS_READ_ONLY : 0) |
	    ((st->f_flag & ST_NOSUID) != 0 ? STATVFS_NO_SUID : 0));
	sftp_put_u64(&server->out, st->f_namemax);
	sftp_reply_end(server, start);
	return SFTP_OK;
}

static enum sftp_status
serve_statvfs(struct sftp_server *server, uint32_t id,
    const struct sftp_fields *fields)
{
	struct statvfs st;

	return reply_statvfs(server, id, quota_statvfs(&server->quota,
	    fields->paths[0], -1, &st), &st);
}

static enum sftp_status
serve_fstatvfs(struct sftp_server *server, uint32_t id,
    const struct sftp_fields *fields)
{
	const struct sftp_handle *handle = sftp_fields_file(fields, 0);
	struct statvfs st;

	if (handle == NULL)
		return SFTP_FAILURE;
	return reply_statvfs(server, id, quota_statvfs(&server->quota, NULL,
	    handle->fd, &st), &st);
}

static enum sftp_status
serve_hardlink(struct sftp_server *server, uint32_t id,
    const struct sftp_fields *fields)
{
	return sftp_done(server, id, link(fields->paths[0],
	    fields->paths[1]));
}

static enum sftp_status
serve_fsync(struct sftp_server *server, uint32_t id,
    const struct sftp_fields *fields)
{
	const struct sftp_handle *handle = sftp_fields_file(fields, 0);

	return handle == NULL ? SFTP_NO_SUCH_FILE :
	    sftp_done(server, id, fsync(handle->fd));
}

/* As setstat, but of a link itself. */
static enum sftp_status
serve_lsetstat(struct sftp_server *server, uint32_t id,
    const struct sftp_fields *fields)
{
	const struct sftp_attributes *attributes = &fields->attributes;
	const char *path = fields->paths[0];
	int code = 0;

	if ((attributes->flags & SFTP_ATTR_SIZE) != 0)
		return SFTP_BAD_MESSAGE;
	if ((attributes->flags & SFTP_ATTR_PERMISSIONS) != 0 &&
	    fchmodat(AT_FDCWD, path, attributes->permissions & 07777,
	    AT_SYMLINK_NOFOLLOW) < 0)
		code = errno;
	if ((attributes->flags & SFTP_ATTR_ACMODTIME) != 0) {
		struct timespec times[2] = {{.tv_sec = attributes->atime},
		    {.tv_sec = attributes->mtime}};

		if (utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) < 0)
			code = errno;
	}
	if ((attributes->flags & SFTP_ATTR_UIDGID) != 0 &&
	    fchownat(AT_FDCWD, path, attributes->uid, attributes->gid,
	    AT_SYMLINK_NOFOLLOW) < 0)
		code = errno;
	sftp_reply_status(server, id, sftp_status_of(code));
	return SFTP_OK;
}

static enum sftp_status
serve_limits(struct sftp_server *server, uint32_t id,
    const struct sftp_fields *fields)
{
	size_t start = sftp_reply_begin(server, SFTP_EXTENDED_REPLY, id);

	(void)fields;
	sftp_put_u64(&server->out, SFTP_PACKET_MAX);
	sftp_put_u64(&server->out, SFTP_DATA_MAX);
	sftp_put_u64(&server->out, SFTP_DATA_MAX);
	sftp_put_u64(&server->out, SFTP_HANDLES_MAX);
	sftp_reply_end(server, start);
	return SFTP_OK;
}

/* The home of a user; "" is whoever we are. 0 or -ENOENT. */
static int
find_home(const char *name, struct user *ret)
{
	struct names names = {0};
	char own[USER_NAME_SIZE];

	names_find_user(&names, getuid(), own, sizeof own);
	names_fini(&names);
	if (name[0] == '\0' && own[0] == '\0')
		return -ENOENT;
	return user_find(name[0] != '\0' ? name : own, ret, NULL);
}

/* Replaces "~" or "~NAME" at the front. */
static int
expand_home(const char *path, char ret[PATH_MAX])
{
	size_t size = strcspn(path + 1, "/");
	char name[USER_NAME_SIZE];
	struct user user;
	int n;

	if (size >= sizeof name)
		return -ENOENT;
	memcpy(name, path + 1, size);
	name[size] = '\0';
	if (find_home(name, &user) < 0)
		return -ENOENT;
	n = snprintf(ret, PATH_MAX, "%s%s", user.home, path + 1 + size);
	return n < 0 || n >= PATH_MAX ? -ENAMETOOLONG : 0;
}

static enum sftp_status
serve_expand_path(struct sftp_server *server, uint32_t id,
    const struct sftp_fields *fields)
{
	const char *path = fields->paths[0];
	char expanded[PATH_MAX];
	int r;

	if (path[0] != '~')
		return sftp_reply_realpath(server, id, path);
	r = expand_home(path, expanded);
	if (r == -ENOENT) {
		sftp_reply_words(server, id, SFTP_NO_SUCH_FILE,
		    "no such user");
		return SFTP_OK;
	}
	return r < 0 ? sftp_status_of(-r) :
	    sftp_reply_realpath(server, id, expanded);
}

static enum sftp_status
serve_home_directory(struct sftp_server *server, uint32_t id,
    const struct sftp_fields *fields)
{
	struct user user;

	return find_home(fields->paths[0], &user) < 0 ? SFTP_FAILURE :
	    sftp_reply_name(server, id, user.home);
}

/* Copying a file onto itself would read what it wrote, for ever. */
static bool
is_same_file(int fd, int other_fd)
{
	struct stat st, other;

	return fstat(fd, &st) == 0 && fstat(other_fd, &other) == 0 &&
	    st.st_dev == other.st_dev && st.st_ino == other.st_ino;
}

/* The slow way, for what copy_file_range(2) cannot do. -errno or bytes. */
static ssize_t
copy_part(int from_fd, off_t *from, int to_fd, off_t *to, size_t max)
{
	char part[64 * 1024];
	ssize_t n = pread(from_fd, part, max < sizeof part ? max : sizeof part,
	    *from), done = 0, written;

	if (n < 0)
		return -errno;
	while (done < n) {
		written = pwrite(to_fd, part + done, (size_t)(n - done),
		    *to + done);
		if (written < 0)
			return -errno;
		done += written;
	}
	*from += n;
	*to += n;
	return n;
}

/* *ret_left is how many of the bytes were not there. */
static int
copy(int from_fd, off_t from, int to_fd, off_t to, uint64_t size,
    uint64_t *ret_left)
{
	bool is_slow = false;
	ssize_t n = 1;

	while (size > 0 && n > 0) {
		size_t max = size < COPY_PART ? (size_t)size : COPY_PART;

		n = is_slow ? copy_part(from_fd, &from, to_fd, &to, max) :
		    copy_file_range(from_fd, &from, to_fd, &to, max, 0);
		if (n > 0) {
			size -= (uint64_t)n;
		} else if (n < 0 && !is_slow) {
			is_slow = true;
			n = 1;
		}
	}
	*ret_left = size;
	return n < 0 ? (int)n : 0;
}

static enum sftp_status
serve_copy_data(struct sftp_server *server, uint32_t id,
    const struct sftp_fields *fields)
{
	const struct sftp_handle *from = sftp_fields_file(fields, 0);
	const struct sftp_handle *to = sftp_fields_file(fields, 1);
	uint64_t from_offset = fields->numbers[0];
	uint64_t size = fields->numbers[1], left;
	uint64_t to_offset = fields->numbers[2];
	int r;

	if (from == NULL || to == NULL || is_same_file(from->fd, to->fd))
		return SFTP_FAILURE;
	if (from_offset > INT64_MAX ||
	    (to_offset > INT64_MAX && !to->appends))
		return SFTP_BAD_MESSAGE;
	r = copy(from->fd, (off_t)from_offset, to->fd,
	    to->appends ? 0 : (off_t)to_offset,
	    size == 0 ? UINT64_MAX : size, &left);
	if (r < 0)
		return sftp_status_of(-r);
	if (size > 0 && left > COPY_LACKING)
		return SFTP_EOF;
	sftp_reply_status(server, id, SFTP_OK);
	return SFTP_OK;
}

static void
put_names(struct sftp_server *server, const uint8_t *ids, size_t size,
    void (*find)(struct names *, uid_t, char *, size_t))
{
	size_t size_at = server->out.used;
	char name[USER_NAME_SIZE];
	uint32_t number;

	sftp_put_u32(&server->out, 0);
	for (size_t i = 0; i + sizeof number <= size; i += sizeof number) {
		memcpy(&number, ids + i, sizeof number);
		find(&server->names, __builtin_bswap32(number), name,
		    sizeof name);
		sftp_put_text(&server->out, name);
	}
	sftp_set_u32(&server->out, size_at,
	    (uint32_t)(server->out.used - size_at - 4));
}

static enum sftp_status
serve_names(struct sftp_server *server, uint32_t id,
    const struct sftp_fields *fields)
{
	size_t start;

	/* Each id becomes at most a length and a name: the reply must fit. */
	if ((fields->sizes[0] + fields->sizes[1]) / 4 *
	    (USER_NAME_SIZE + 4) > SFTP_DATA_MAX)
		return SFTP_BAD_MESSAGE;
	start = sftp_reply_begin(server, SFTP_EXTENDED_REPLY, id);
	put_names(server, fields->data[0], fields->sizes[0], names_find_user);
	put_names(server, fields->data[1], fields->sizes[1], names_find_group);
	sftp_reply_end(server, start);
	return SFTP_OK;
}

/* fsync changes something, in OpenSSH. */
static const struct sftp_request rows[] = {
    {200, "posix-rename@openssh.com", "1", "ll", serve_posix_rename, true},
    {200, "statvfs@openssh.com", "2", "p", serve_statvfs, false},
    {200, "fstatvfs@openssh.com", "2", "h", serve_fstatvfs, false},
    {200, "hardlink@openssh.com", "1", "ll", serve_hardlink, true},
    {200, "fsync@openssh.com", "1", "h", serve_fsync, true},
    {200, "lsetstat@openssh.com", "1", "la", serve_lsetstat, true},
    {200, "limits@openssh.com", "1", "", serve_limits, false},
    {200, "expand-path@openssh.com", "1", "t", serve_expand_path, false},
    {200, "copy-data", "1", "hNNhN", serve_copy_data, true},
    {200, "home-directory", "1", "t", serve_home_directory, false},
    {200, "users-groups-by-id@openssh.com", "1", "dd", serve_names, false},
};

#define N_ROWS (sizeof rows / sizeof *rows)

void
sftp_put_extensions(struct sftp_server *server)
{
	for (size_t i = 0; i < N_ROWS; i++) {
		if (server->is_read_only && rows[i].changes)
			continue;
		sftp_put_text(&server->out, rows[i].name);
		sftp_put_text(&server->out, rows[i].version);
	}
}

const struct sftp_request *
sftp_find_extension(const char *name)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}
