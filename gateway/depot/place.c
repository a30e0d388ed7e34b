// SPDX-License-Identifier: Apache-2.0
#include "gateway/depot/place.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/utf8.h"

static bool
is_clean(const char *text)
{
	const uint8_t *p = (const uint8_t *)text;
	size_t size = strlen(text);

	while (size > 0) {
		const int n = utf8_first(p, size);

		if (n <= 0 || *p < 0x20 || *p == 0x7f)
			return false;
		p += n;
		size -= (size_t)n;
	}
	return true;
}

/* Whether no part of it is empty, "." or "..", or too long for a name. */
static bool
is_straight(const char *path)
{
	while (*path == '/') {
		const size_t n = strcspn(++path, "/");

		if (n == 0 || n >= PLACE_NAME_SIZE ||
		    (n == 1 && *path == '.') ||
		    (n == 2 && strncmp(path, "..", 2) == 0))
			return false;
		path += n;
	}
	return *path == '\0';
}

static int
check(const char *path, struct err *err)
{
	if (*path == '/' && strlen(path) < PLACE_FOLDER_SIZE - 1 &&
	    is_clean(path) && is_straight(path))
		return 0;
	return err_set(err, EINVAL, "path: must begin with \"/\", have no "
	    "part that is empty, \".\" or \"..\", no control characters, at "
	    "most %d bytes, and %d in a part", PLACE_FOLDER_SIZE - 2,
	    PLACE_NAME_SIZE - 1);
}

int
place_parse(const char *path, struct place *ret, struct err *err)
{
	const char *slash;
	int r = check(path, err);

	if (r < 0)
		return r;
	slash = strrchr(path, '/');
	snprintf(ret->folder, sizeof ret->folder, "%.*s",
	    (int)(slash - path) + 1, path);
	snprintf(ret->name, sizeof ret->name, "%s", slash + 1);
	return 0;
}

int
place_parse_folder(const char *path, char ret[PLACE_FOLDER_SIZE],
    struct err *err)
{
	size_t n = strlen(path);
	int r;

	if (n >= PLACE_FOLDER_SIZE - 1)
		return check(path, err);
	memcpy(ret, path, n + 1);
	if (n > 0 && ret[n - 1] == '/')
		ret[--n] = '\0';
	r = n == 0 ? 0 : check(ret, err);
	if (r == 0)
		memcpy(ret + n, "/", 2);
	return r;
}
