// SPDX-License-Identifier: Apache-2.0
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "gateway/http/dialect/e2b/e2b.h"

const char *
e2b_path(const char *path)
{
	if (path[0] == '~' && (path[1] == '\0' || path[1] == '/')) {
		path++;
		path += strspn(path, "/");
	} else {
		while (path[0] == '.' && path[1] == '/')
			path += 1 + strspn(path + 1, "/");
	}
	return *path != '\0' ? path : ".";
}

bool
e2b_whole_path(const char *home, const char *path, char *ret)
{
	const char *from_home = e2b_path(path);
	size_t n = strlen(home);

	while (n > 0 && home[n - 1] == '/')
		n--;
	if (from_home[0] == '/' || *home == '\0')
		return snprintf(ret, PATH_MAX, "%s", from_home) < PATH_MAX;
	if (strcmp(from_home, ".") == 0)
		return snprintf(ret, PATH_MAX, "%s", home) < PATH_MAX;
	return snprintf(ret, PATH_MAX, "%.*s/%s", (int)n, home, from_home) <
	    PATH_MAX;
}
