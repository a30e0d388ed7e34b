// SPDX-License-Identifier: Apache-2.0
#include "common/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOG_LINE_SIZE 1024

static const char *const level_names[] = {
    [LOG_LEVEL_ERROR] = "error",
    [LOG_LEVEL_WARN] = "warn",
    [LOG_LEVEL_INFO] = "info",
    [LOG_LEVEL_DEBUG] = "debug",
};
static const char *log_program = "sandgate";
static enum log_level log_max_level = LOG_LEVEL_INFO;

void
log_init(const char *program, enum log_level max_level)
{
	log_program = program;
	log_max_level = max_level;
}

int
log_parse_level(const char *name, enum log_level *ret_level)
{
	for (int i = 0; i <= LOG_LEVEL_DEBUG; i++)
		if (strcmp(name, level_names[i]) == 0) {
			*ret_level = (enum log_level)i;
			return 0;
		}
	return -EINVAL;
}

static void
log_vwrite(enum log_level level, const char *fmt, va_list ap)
{
	char words[LOG_LINE_SIZE], line[LOG_LINE_SIZE];
	int saved_errno = errno;
	size_t n;

	if (level > log_max_level)
		return;
	vsnprintf(words, sizeof words, fmt, ap);
	n = (size_t)snprintf(line, sizeof line, "%s %s[%d]: ",
	    level_names[level], log_program, (int)getpid());
	for (const char *p = words; *p != '\0' && n < sizeof line - 6; p++) {
		if (*p >= ' ' && *p <= '~')
			line[n++] = *p;
		else
			n += (size_t)snprintf(line + n, sizeof line - n,
			    "\\x%02x", (unsigned char)*p);
	}
	line[n++] = '\n';
	if (write(STDERR_FILENO, line, n) < 0) {
		/* Nowhere left to say it. */
	}
	errno = saved_errno;
}

void
log_write(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_vwrite(level, fmt, ap);
	va_end(ap);
}

void
fatal(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_vwrite(LOG_LEVEL_ERROR, fmt, ap);
	va_end(ap);
	_exit(1);
}
