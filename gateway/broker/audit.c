// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/fd.h"
#include "common/timestamp.h"

#define AUDIT_LINE_SIZE 4096
#define AUDIT_VALUE_MAX 256 /* bytes of one value that are kept */

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

int
audit_open(const char *path, int *ret_fd, struct err *err)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return err_errno(err, "%s", path);
	*ret_fd = fd;
	return 0;
}

int
audit_write(int fd, const char *event, ...)
{
	struct line line = {.n = 0};
	char time[TIMESTAMP_SIZE];
	const char *key;
	va_list ap;

	timestamp_format(clock_unix_ms(), time);
	put_pair(&line, "time", time);
	put_pair(&line, "event", event);
	va_start(ap, event);
	while ((key = va_arg(ap, const char *)) != NULL) {
		const char *value = va_arg(ap, const char *);

		if (value != NULL && *value != '\0')
			put_pair(&line, key, value);
	}
	va_end(ap);
	memcpy(line.text + line.n, "}\n", 2);
	return fd_write_all(fd, line.text, line.n + 2);
}
