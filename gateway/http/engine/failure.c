// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/engine/failure.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "common/utf8.h"

static const struct meaning {
	int code;
	unsigned int status;
	const char *name;
} meanings[] = {
    {EINVAL, 400, "invalid_argument"},
    {ERANGE, 400, "invalid_argument"},
    {EBADF, 401, "unauthenticated"},
    {EACCES, 403, "permission_denied"},
    {EPERM, 403, "permission_denied"},
    {EREMOTE, 403, "permission_denied"}, /* another organisation's */
    {EIDRM, 409, "gone"},		 /* destroyed, and remembered */
    {ENOENT, 404, "not_found"},
    {ESRCH, 404, "not_found"},
    {EEXIST, 409, "already_exists"},
    {EBUSY, 409, "conflict"},
    {ENOTEMPTY, 409, "conflict"},
    {ENOTSUP, 409, "unsupported"},
    {EDQUOT, 429, "limit_exceeded"},
    {EUSERS, 429, "limit_exceeded"},
    {EMFILE, 429, "limit_exceeded"},
    {ENAMETOOLONG, 400, "invalid_argument"},
    {ELOOP, 400, "invalid_argument"},
    {EROFS, 403, "permission_denied"},
    {EISDIR, 409, "conflict"},
    {ENOTDIR, 409, "conflict"},
    {ETXTBSY, 409, "conflict"},
    {EXDEV, 409, "unsupported"},
    {EFBIG, 413, "too_large"},
    {ENOSPC, 503, "out_of_resources"},
    {ENOMEM, 503, "out_of_resources"},
    {EAGAIN, 503, "unavailable"},
    {EPIPE, 503, "unavailable"},
    {ECONNREFUSED, 503, "unavailable"},
    {ECONNRESET, 503, "unavailable"},
    {ENOTCONN, 503, "unavailable"},
    {ETIMEDOUT, 503, "unavailable"},
    {ESHUTDOWN, 503, "unavailable"},
};

static void
begin(struct failure *ret, unsigned int status, const char *code,
    const char *field)
{
	*ret = (struct failure){.status = status, .code = code};
	snprintf(ret->field, sizeof ret->field, "%s",
	    field != NULL ? field : "");
}

/* Paths, and what else the words are about, may be any bytes. */
__attribute__((format(printf, 3, 0))) static void
say(struct failure *ret, const char *head, const char *fmt, va_list ap)
{
	char words[ERR_TEXT_SIZE];
	int n = snprintf(words, sizeof words, "%s", head);

	vsnprintf(words + n, sizeof words - (size_t)n, fmt, ap);
	utf8_copy(ret->message, sizeof ret->message, words);
}

int
failure_set(struct failure *ret, unsigned int status, const char *code,
    const char *field, const char *fmt, ...)
{
	va_list ap;

	begin(ret, status, code, field);
	va_start(ap, fmt);
	say(ret, "", fmt, ap);
	va_end(ap);
	return -EINVAL;
}

int
failure_of_field(struct failure *ret, const char *field, const char *fmt, ...)
{
	char head[FAILURE_FIELD_SIZE + 2];
	va_list ap;

	begin(ret, 400, "invalid_argument", field);
	snprintf(head, sizeof head, "%s: ", ret->field);
	va_start(ap, fmt);
	say(ret, head, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

void
failure_from_err(struct failure *ret, const struct err *err)
{
	for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
		if (meanings[i].code == err->code) {
			failure_set(ret, meanings[i].status, meanings[i].name,
			    NULL, "%s", err->text);
			utf8_copy(ret->cause, sizeof ret->cause, err->cause);
			ret->retry_s = err->retry_s;
			ret->is_absent = err->code == EREMOTE ||
			    err->code == EIDRM;
			return;
		}
	failure_set(ret, 500, "internal", NULL,
	    "internal error; the log of the service says more");
}
