// SPDX-License-Identifier: Apache-2.0
/*
 * An error with words. Functions that can fail return 0 or -errno and take a
 * struct err last; the words are written once, where the cause is known, and
 * wrapped with context on the way up. Library code never logs and never exits.
 */
#pragma once

#define ERR_TEXT_SIZE  256
#define ERR_CAUSE_SIZE 32

struct err {
	int code; /* positive errno; 0 when no error was set */
	char text[ERR_TEXT_SIZE];
	unsigned retry_s; /* when to try again; 0 = nobody can say */
	char cause[ERR_CAUSE_SIZE]; /* a word for programs; "" = none */
};

/*
 * Sets *err to the positive errno `code` and the formatted words, which name
 * the thing that failed; strerror is not appended. Returns -code.
 * err may be NULL.
 */
int err_set(struct err *err, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * As err_set with code = errno, and ": strerror(errno)" appended. An errno of
 * 0 is reported as EIO, so that a failure never reads as success.
 */
int err_errno(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Says of a failure when the same may go; 0 = nobody can say. Returns
 * -err->code (or -EIO, as below). */
int err_retry(struct err *err, unsigned retry_s);

/* Says by a word why, as docs/API.md lists them: the state that forbids it, the
 * limit that it meets. Returns as err_retry. */
int err_cause(struct err *err, const char *cause);

/*
 * Puts "words: " before the text already in *err; all else is kept.
 * Returns -err->code (or -EIO where err is NULL or holds no code).
 */
int err_wrap(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
