// SPDX-License-Identifier: Apache-2.0
/* Extended attributes of files, xattr(7), as texts. */
#pragma once

#include <stddef.h>

#include "common/err.h"
#include "common/rpc.h"

/* Of one file that are told, their names without the prefix among them. */
#define XATTRS_TOLD_MAX 4096

/* Gives an open file one. 0 or -errno with words. */
int xattrs_set(int fd, const char *name, const char *value, struct err *err);

/*
 * Those of a name in a folder that begin with the prefix, as NAME=VALUE without
 * it, in ret[XATTRS_TOLD_MAX]; a link is not followed. None where there are
 * none, or they cannot be read; those that have a zero byte, or no room, are
 * left out.
 */
struct rpc_strv xattrs_get(int folder_fd, const char *name, const char *prefix,
    char ret[XATTRS_TOLD_MAX]);
