// SPDX-License-Identifier: Apache-2.0
/* What an organisation's sandboxes may have together, as whoever opened a
 * capability has said; counted by their limits, not by what they use. */
#pragma once

#include <stdint.h>

#include "sandboxd/lifecycle/sandbox.h"

/* Most of each, 0 = no limit. */
struct quota {
	uint64_t sandboxes, memory_bytes, disk_bytes;
};

/*
 * Whether one more fits beside those there are, whose organisation it has: 0,
 * or -EDQUOT with the limit, its value, what is taken of it and whose it is.
 */
int quota_check(const struct quota *quota, const struct sandbox_table *table,
    const struct sandbox_record *wanted, struct err *err);
