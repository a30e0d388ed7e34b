// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/process/xauth.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/init/process/user.h"

#define FAMILY_LOCAL 256
#define N_PARTS	     4 /* host, display, protocol, cookie */
#define HOST_SIZE    256

/* As libXau: tried again every second, and a lock that is old is no lock. */
#define LOCK_TRIES   5
#define LOCK_STALE_S 600

struct record {
	unsigned family;
	struct {
		const uint8_t *data;
		size_t size;
	} parts[N_PARTS];
};

struct output {
	uint8_t *data;
	size_t size, used;
	bool is_full;
};

static unsigned
get_u16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

/* Reads one record; returns its bytes, or 0 where there is none. */
static size_t
read_record(const uint8_t *p, size_t size, struct record *ret)
{
	size_t used = 2;

	if (size < used)
		return 0;
	ret->family = get_u16(p);
	for (int i = 0; i < N_PARTS; i++) {
		size_t part;

		if (size - used < 2)
			return 0;
		part = get_u16(p + used);
		used += 2;
		if (size - used < part)
			return 0;
		ret->parts[i].data = p + used;
		ret->parts[i].size = part;
		used += part;
	}
	return used;
}

static void
put(struct output *out, const void *data, size_t size)
{
	if (size > out->size - out->used)
		out->is_full = true;
	if (out->is_full || size == 0)
		return;
	memcpy(out->data + out->used, data, size);
	out->used += size;
}

static void
put_u16(struct output *out, size_t value)
{
	uint8_t bytes[2] = {(uint8_t)(value >> 8), (uint8_t)value};

	put(out, bytes, sizeof bytes);
}

static void
put_part(struct output *out, const void *data, size_t size)
{
	put_u16(out, size);
	put(out, data, size);
}

static bool
is_part(const struct record *record, int i, const char *text)
{
	return record->parts[i].size == strlen(text) &&
	    memcmp(record->parts[i].data, text, strlen(text)) == 0;
}

static int
digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c == '\0' ? NULL :
	    strchr(digits, c >= 'A' && c <= 'F' ? c + 'a' - 'A' : c);

	return at == NULL ? -1 : (int)(at - digits);
}

/* The bytes of hexadecimal digits, or -EINVAL. */
static ptrdiff_t
read_cookie(const char *digits, uint8_t cookie[XAUTH_COOKIE_MAX])
{
	size_t size = strlen(digits) / 2;

	if (strlen(digits) % 2 != 0 || size == 0 || size > XAUTH_COOKIE_MAX)
		return -EINVAL;
	for (size_t i = 0; i < size; i++) {
		int high = digit(digits[2 * i]), low = digit(digits[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		cookie[i] = (uint8_t)(high << 4 | low);
	}
	return (ptrdiff_t)size;
}

ptrdiff_t
xauth_merge(const uint8_t *old, size_t old_size, const char *host,
    unsigned display, const char *protocol, const char *cookie, uint8_t *ret,
    size_t size)
{
	struct output out = {.data = ret, .size = size};
	uint8_t bytes[XAUTH_COOKIE_MAX];
	ptrdiff_t n_bytes = read_cookie(cookie, bytes);
	struct record record;
	char number[16];
	size_t n;

	if (n_bytes < 0)
		return n_bytes;
	snprintf(number, sizeof number, "%u", display);
	for (; (n = read_record(old, old_size, &record)) > 0;
	    old += n, old_size -= n)
		if (record.family != FAMILY_LOCAL ||
		    !is_part(&record, 0, host) || !is_part(&record, 1, number))
			put(&out, old, n);
	put_u16(&out, FAMILY_LOCAL);
	put_part(&out, host, strlen(host));
	put_part(&out, number, strlen(number));
	put_part(&out, protocol, strlen(protocol));
	put_part(&out, bytes, (size_t)n_bytes);
	return out.is_full ? -ENOSPC : (ptrdiff_t)out.used;
}

/*
 * libXau's lock: a file of ours, FILE-c, and a link of it, FILE-l, which only
 * one can make. 0 or -errno.
 */
static int
lock(const char *create, const char *link_path)
{
	struct stat st;

	for (int i = 0; i < LOCK_TRIES; i++) {
		auto_close int fd = -1;

		if (stat(create, &st) == 0 &&
		    time(NULL) - st.st_ctime > LOCK_STALE_S) {
			(void)unlink(create);
			(void)unlink(link_path);
		}
		fd = open(create, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
		    0600);
		if (fd < 0 && errno != EEXIST)
			return -errno;
		if (link(create, link_path) == 0)
			return 0;
		if (errno != EEXIST && errno != ENOENT)
			return -errno;
		(void)sleep(1);
	}
	return -EBUSY;
}

/* The bytes of the file; one that is not there is empty. Or -errno. */
static ptrdiff_t
read_old(const char *path, uint8_t *data, size_t size)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || (size_t)st.st_size > size)
		return -EFBIG;
	if (fd_read_all(fd, data, (size_t)st.st_size) < 0)
		return -EIO;
	return (ptrdiff_t)st.st_size;
}

static int
write_new(const char *path, const char *new_path, const uint8_t *data,
    size_t size)
{
	auto_close int fd = -1;
	int r;

	(void)unlink(new_path);
	fd = open(new_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	r = fd_write_all(fd, data, size);
	if (r == 0 && rename(new_path, path) < 0)
		r = -errno;
	if (r < 0)
		(void)unlink(new_path);
	return r;
}

static int
update(const char *path, const char *new_path, unsigned display,
    const char *protocol, const char *cookie)
{
	auto_free uint8_t *old = malloc(XAUTH_FILE_MAX);
	auto_free uint8_t *merged = malloc(XAUTH_FILE_MAX);
	char host[HOST_SIZE] = "";
	ptrdiff_t n;

	if (old == NULL || merged == NULL)
		return -ENOMEM;
	if (gethostname(host, sizeof host - 1) < 0)
		return -errno;
	n = read_old(path, old, XAUTH_FILE_MAX);
	if (n < 0)
		return (int)n;
	n = xauth_merge(old, (size_t)n, host, display, protocol, cookie,
	    merged, XAUTH_FILE_MAX);
	return n < 0 ? (int)n : write_new(path, new_path, merged, (size_t)n);
}

int
xauth_add(const char *home, unsigned display, const char *protocol,
    const char *cookie)
{
	char path[USER_PATH_SIZE + 16], create[sizeof path + 2];
	char link_path[sizeof path + 2], new_path[sizeof path + 2];
	int r;

	snprintf(path, sizeof path, "%s/.Xauthority", home);
	snprintf(create, sizeof create, "%s-c", path);
	snprintf(link_path, sizeof link_path, "%s-l", path);
	snprintf(new_path, sizeof new_path, "%s-n", path);
	r = lock(create, link_path);
	if (r < 0)
		return r;
	r = update(path, new_path, display, protocol, cookie);
	(void)unlink(create);
	(void)unlink(link_path);
	return r;
}
