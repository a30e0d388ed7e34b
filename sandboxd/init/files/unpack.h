// SPDX-License-Identifier: Apache-2.0
/*
 * A tar archive unpacked into a folder, by libarchive, as it comes. It runs in
 * the sandbox as its user, so that whatever the archive says costs that one's
 * disk, memory and time, and reaches what that one may change; and of that
 * nothing outside of the folder.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/err.h"

/* Members of one archive. */
#define UNPACK_MEMBERS_MAX 1000000

struct unpacked {
	uint64_t files, folders, links, size;
};

/*
 * Reads the archive's bytes by `get`: how many there are at *ret, until the
 * next call; 0 at the end, or -errno. 0 or -errno with words: a member that
 * cannot be, or may not; those before it stay, and of it there is nothing.
 */
int unpack_folder(const char *path, ssize_t (*get)(void *arg,
    const void **ret), void *arg, struct unpacked *ret, struct err *err);
