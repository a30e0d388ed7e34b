// SPDX-License-Identifier: Apache-2.0
/*
 * One line a message, on stderr (which a service manager or the start script
 * collects): "level program[pid]: words key=value". Everything that is not
 * printable ASCII in a line is escaped, so bytes of a peer cannot forge one.
 */
#pragma once

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG };

/* Names the program in every line; the string is kept, not copied. */
void log_init(const char *program, enum log_level max_level);

/* 0 and *ret_level for "error", "warn", "info" or "debug"; else -EINVAL. */
int log_parse_level(const char *name, enum log_level *ret_level);

/* Writes one line of at most 1024 bytes in one write(2); errno is kept. */
void log_write(enum log_level level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...)  log_write(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...)  log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

/*
 * Logs the words as an error and exits with 1. Only before a daemon's loop
 * begins, and in a child after fork.
 */
void fatal(const char *fmt, ...)
    __attribute__((format(printf, 1, 2), noreturn));
