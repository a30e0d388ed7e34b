// SPDX-License-Identifier: Apache-2.0
#include "common/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
err_set(struct err *err, int code, const char *fmt, ...)
{
	va_list ap;

	if (err != NULL) {
		err->code = code;
		err->retry_s = 0;
		err->cause[0] = '\0';
		va_start(ap, fmt);
		vsnprintf(err->text, sizeof err->text, fmt, ap);
		va_end(ap);
	}
	return -code;
}

int
err_errno(struct err *err, const char *fmt, ...)
{
	int code = errno != 0 ? errno : EIO;
	char words[ERR_TEXT_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof words, fmt, ap);
	va_end(ap);
	return err_set(err, code, "%s: %s", words, strerror(code));
}

int
err_retry(struct err *err, unsigned retry_s)
{
	if (err == NULL || err->code == 0)
		return -EIO;
	err->retry_s = retry_s;
	return -err->code;
}

int
err_cause(struct err *err, const char *cause)
{
	if (err == NULL || err->code == 0)
		return -EIO;
	snprintf(err->cause, sizeof err->cause, "%s", cause);
	return -err->code;
}

int
err_wrap(struct err *err, const char *fmt, ...)
{
	char words[ERR_TEXT_SIZE];
	struct err old;
	va_list ap;

	if (err == NULL || err->code == 0)
		return -EIO;
	va_start(ap, fmt);
	vsnprintf(words, sizeof words, fmt, ap);
	va_end(ap);
	old = *err;
	err_set(err, old.code, "%s: %s", words, old.text);
	(void)err_cause(err, old.cause);
	return err_retry(err, old.retry_s);
}
