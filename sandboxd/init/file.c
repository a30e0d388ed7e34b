// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/fd.h"

int
file_read_text(const char *path, char **ret_text, struct err *err)
{
	/* O_NONBLOCK: a FIFO in the file's place must not stop PID 1. */
	auto_close int fd = open(path,
	    O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	auto_free char *text = NULL;
	size_t size, used = 0;
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(err, "%s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, EINVAL, "%s: not a file", path);
	if (st.st_size > FILE_TEXT_MAX)
		return err_set(err, EFBIG, "%s: longer than %d bytes", path,
		    FILE_TEXT_MAX);
	size = (size_t)st.st_size;
	text = malloc(size + 1);
	if (text == NULL)
		return err_set(err, ENOMEM, "%s: out of memory", path);
	while (used < size && (n = read(fd, text + used, size - used)) != 0) {
		if (n < 0)
			return err_errno(err, "%s", path);
		used += (size_t)n;
	}
	text[used] = '\0';
	*ret_text = text;
	text = NULL;
	return 0;
}

static bool
is_of_the_moment(int r)
{
	return r == -EMFILE || r == -ENFILE || r == -ENOMEM || r == -EIO ||
	    r == -EINTR;
}

int
file_read_optional(const char *path, char **ret_text, struct err *err)
{
	struct err failure = {0};
	int r = file_read_text(path, ret_text, &failure);

	if (r == 0)
		return 0;
	if (is_of_the_moment(r))
		return err_set(err, failure.code, "%s", failure.text);
	*ret_text = strdup("");
	return *ret_text != NULL ? 0 :
	    err_set(err, ENOMEM, "%s: out of memory", path);
}

/* Whether path is a file, not a link, that holds text already. */
static int
holds(const char *path, const char *text)
{
	auto_free char *old = NULL;
	struct stat st;

	return lstat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    file_read_text(path, &old, NULL) == 0 && strcmp(old, text) == 0;
}

int
file_write_text(const char *path, const char *text, mode_t mode,
    struct err *err)
{
	auto_close int fd = -1;
	char temporary[PATH_MAX];
	int r;

	if (holds(path, text))
		return 0;
	r = snprintf(temporary, sizeof temporary, "%s.sandbox-init", path);
	if (r < 0 || (size_t)r >= sizeof temporary)
		return err_set(err, ENAMETOOLONG, "%s: name too long", path);
	(void)unlink(temporary);
	fd = open(temporary,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return err_errno(err, "%s", temporary);
	r = fd_write_all(fd, text, strlen(text));
	if (r == 0 && fchmod(fd, mode) < 0)
		r = -errno;
	if (r == 0 && rename(temporary, path) < 0)
		r = -errno;
	if (r < 0) {
		(void)unlink(temporary);
		return err_set(err, -r, "%s: %s", path, strerror(-r));
	}
	return 0;
}
