// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/timestamp.h"

#define AUDIT_LINE_SIZE 4096
#define AUDIT_VALUE_MAX 256 /* bytes of one value that are kept */
#define REPORT_INTERVAL_MS 1000

struct line {
	char text[AUDIT_LINE_SIZE];
	size_t n;
};

/* Room is left for the end of the line, whatever comes. */
static void
put_char(struct line *line, char c)
{
	if (line->n < sizeof line->text - 4)
		line->text[line->n++] = c;
}

static void
put_string(struct line *line, const char *text)
{
	static const char hex[] = "0123456789abcdef";

	put_char(line, '"');
	for (size_t i = 0; text[i] != '\0' && i < AUDIT_VALUE_MAX; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '"' || c == '\\') {
			put_char(line, '\\');
			put_char(line, (char)c);
		} else if (c >= ' ' && c <= '~') {
			put_char(line, (char)c);
		} else {
			for (const char *p = "\\u00"; *p != '\0'; p++)
				put_char(line, *p);
			put_char(line, hex[c >> 4]);
			put_char(line, hex[c & 15]);
		}
	}
	put_char(line, '"');
}

static void
put_pair(struct line *line, const char *key, const char *value)
{
	put_char(line, line->n == 0 ? '{' : ',');
	put_string(line, key);
	put_char(line, ':');
	put_string(line, value);
}

/* Blocks past the end that are ours already; a file system that cannot do it
 * leaves us without. */
static void
reserve(struct audit *audit, off_t size)
{
	if (size + AUDIT_RESERVE_LOW_BYTES <= audit->reserved_until)
		return;
	audit->is_short = fallocate(audit->fd, FALLOC_FL_KEEP_SIZE, size,
	    AUDIT_RESERVE_BYTES) < 0 && errno != EOPNOTSUPP &&
	    errno != ENOSYS;
	if (!audit->is_short)
		audit->reserved_until = size + AUDIT_RESERVE_BYTES;
}

static int
open_file(struct audit *audit, struct stat *ret)
{
	auto_close int fd = open(audit->path,
	    O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 || fstat(fd, ret) < 0)
		return -errno;
	fd_close(&audit->fd);
	audit->fd = take_fd(&fd);
	audit->reserved_until = 0;
	reserve(audit, ret->st_size);
	return 0;
}

int
audit_open(struct audit *audit, const char *path, struct err *err)
{
	struct stat file;
	int r;

	*audit = (struct audit){.fd = -1};
	if (strlen(path) >= sizeof audit->path)
		return err_set(err, ENAMETOOLONG, "%s: too long", path);
	snprintf(audit->path, sizeof audit->path, "%s", path);
	r = open_file(audit, &file);
	return r < 0 ? err_set(err, -r, "%s: %s", path, strerror(-r)) : 0;
}

void
audit_close(struct audit *audit)
{
	fd_close(&audit->fd);
}

/*
 * The file has another name since it was rotated: on with the one that has
 * ours. Until there is one, lines go on into the old.
 */
static int
follow(struct audit *audit, struct stat *ret)
{
	struct stat named;

	if (fstat(audit->fd, ret) < 0)
		return -errno;
	if (lstat(audit->path, &named) == 0 && (named.st_ino != ret->st_ino ||
	    named.st_dev != ret->st_dev))
		(void)open_file(audit, ret);
	return 0;
}

/* The whole line, or nothing of it: half a line would spoil the next. */
static int
append(struct audit *audit, const char *text, size_t size, off_t end)
{
	ssize_t n = write(audit->fd, text, size);
	int r;

	if (n == (ssize_t)size)
		return 0;
	r = n < 0 ? -errno : -ENOSPC;
	if (n > 0 && ftruncate(audit->fd, end) < 0)
		log_error("audit log: half a line stays: %s",
		    strerror(errno));
	/* What was cut off took the reserve behind it along. */
	audit->reserved_until = 0;
	return r;
}

static void
put_rest(struct line *line, const char *event, va_list ap)
{
	char time[TIMESTAMP_SIZE];
	const char *key;

	timestamp_format(clock_unix_ms(), time);
	put_pair(line, "time", time);
	put_pair(line, "event", event);
	while ((key = va_arg(ap, const char *)) != NULL) {
		const char *value = va_arg(ap, const char *);

		if (value != NULL && *value != '\0')
			put_pair(line, key, value);
	}
	memcpy(line->text + line->n, "}\n", 2);
	line->n += 2;
}

static int
write_line(struct audit *audit, const struct line *line, bool is_required)
{
	struct stat file;
	int r = follow(audit, &file);

	if (r < 0)
		return r;
	reserve(audit, file.st_size);
	/* The reserve is for what must be written. */
	if (audit->is_short && !is_required)
		return -ENOSPC;
	return append(audit, line->text, line->n, file.st_size);
}

/* At most a line a second: strangers choose how often. */
static void
report(struct audit *audit, int r)
{
	uint64_t now_ms = clock_unix_ms();

	audit->n_left_out += r < 0;
	if ((r == 0 && !audit->is_short) ||
	    now_ms < audit->reported_ms + REPORT_INTERVAL_MS)
		return;
	log_error("audit log: %s: %u lines left out; make room on its disk",
	    r < 0 ? strerror(-r) : "its reserve is being used up",
	    audit->n_left_out);
	audit->reported_ms = now_ms;
}

static int
write_event(struct audit *audit, bool is_required, const char *event,
    va_list ap)
{
	struct line line = {.n = 0};
	int r;

	put_rest(&line, event, ap);
	r = write_line(audit, &line, is_required);
	report(audit, r);
	return r;
}

int
audit_write(struct audit *audit, const char *event, ...)
{
	va_list ap;
	int r;

	va_start(ap, event);
	r = write_event(audit, true, event, ap);
	va_end(ap);
	return r;
}

void
audit_note(struct audit *audit, const char *event, ...)
{
	va_list ap;

	va_start(ap, event);
	(void)write_event(audit, false, event, ap);
	va_end(ap);
}
