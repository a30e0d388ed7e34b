// SPDX-License-Identifier: Apache-2.0
/* A folder as a tar archive, by libarchive, as it is read. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/err.h"

/* Gives the archive's bytes to `put`, which returns 0 or what ends it. 0 or
 * -errno with words. */
int pack_folder(const char *path, bool is_compressed,
    int (*put)(void *arg, const void *data, size_t size), void *arg,
    struct err *err);
