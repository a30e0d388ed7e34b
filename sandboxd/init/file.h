// SPDX-License-Identifier: Apache-2.0
/*
 * Small text files of the image. Whoever is root in the sandbox chose what is
 * at their paths, so nothing is assumed of them: no waiting, no unbounded read.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "common/err.h"

#define FILE_TEXT_MAX (1024 * 1024)

/*
 * Reads the regular file at path, at most FILE_TEXT_MAX bytes, into
 * *ret_text: NUL-terminated, the caller's to free. 0 or -errno (-EFBIG for a
 * longer file, -EINVAL for what is not a file).
 */
int file_read_text(const char *path, char **ret_text, struct err *err);

/*
 * The same of what an image need not have: "" where there is no such file, or
 * something else in its place. -errno where it may be there and could not be
 * read now (descriptors, memory, the disk).
 */
int file_read_optional(const char *path, char **ret_text, struct err *err);

/*
 * Makes the file at path hold exactly text, by renaming a new file over it;
 * untouched where it already does. A link at path is replaced, not followed.
 */
int file_write_text(const char *path, const char *text, mode_t mode,
    struct err *err);
