// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/files/xattrs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

#include "sandboxd/init/files/tree.h"

#define NAMES_SIZE 8192 /* of all that a file has */

int
xattrs_set(int fd, const char *name, const char *value, struct err *err)
{
	return fsetxattr(fd, name, value, strlen(value), 0) < 0 ?
	    tree_fail(err, errno, name) : 0;
}

/* NAME=VALUE and a zero byte; how many bytes, or 0. */
static size_t
put(const char *path, const char *name, const char *label, char *ret,
    size_t size)
{
	const size_t n_label = strlen(label);
	ssize_t n;

	if (n_label + 2 > size)
		return 0;
	n = lgetxattr(path, name, ret + n_label + 1, size - n_label - 2);
	if (n < 0 || memchr(ret + n_label + 1, '\0', (size_t)n) != NULL)
		return 0;
	memcpy(ret, label, n_label);
	ret[n_label] = '=';
	ret[n_label + 1 + (size_t)n] = '\0';
	return n_label + 1 + (size_t)n + 1;
}

struct rpc_strv
xattrs_get(int folder_fd, const char *name, const char *prefix,
    char ret[XATTRS_TOLD_MAX])
{
	struct rpc_strv told = {.data = ret};
	char path[PATH_MAX + 32], names[NAMES_SIZE];
	const size_t n_prefix = strlen(prefix);
	ssize_t size;

	if (folder_fd == AT_FDCWD)
		(void)snprintf(path, sizeof path, "%s", name);
	else
		(void)snprintf(path, sizeof path, "/proc/self/fd/%d/%s",
		    folder_fd, name);
	size = llistxattr(path, names, sizeof names);
	for (const char *at = names; size > 0 && at < names + size;
	    at += strlen(at) + 1) {
		size_t n = strncmp(at, prefix, n_prefix) != 0 ? 0 :
		    put(path, at, at + n_prefix, ret + told.size,
		    XATTRS_TOLD_MAX - told.size);

		told.size += (uint32_t)n;
		told.count += n > 0;
	}
	return told;
}
