// SPDX-License-Identifier: Apache-2.0
/* Sizes by name, as `sizes` of the settings has them: NAME=CPUS/MEMORY or
 * NAME=CPUS/MEMORY/DISK, by spaces. */
#pragma once

#include <stdint.h>

#include "common/err.h"

struct size {
	uint64_t cpu_millis, memory_bytes;
	uint64_t disk_bytes; /* 0 = not said */
};

/* The size of this name; -EINVAL with the names there are, which begins with
 * "size: ", or, "sizes: ", for a table that is malformed. name NULL: 0 where it
 * is not. */
int size_find(const char *table, const char *name, struct size *ret,
    struct err *err);
