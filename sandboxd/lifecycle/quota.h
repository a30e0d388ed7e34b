// SPDX-License-Identifier: Apache-2.0
/* What an organisation's sandboxes may have together, as whoever opened a
 * capability has said; counted by their limits, not by what they use. */
#pragma once

#include <stdint.h>

#include "sandboxd/lifecycle/sandbox.h"

/* Most of each, 0 = no limit. */
struct quota {
	uint64_t sandboxes, running, memory_bytes, cpu, disk_bytes;
	uint64_t creates_per_minute; /* door/creates.h */
	uint64_t ttl_s, hard_ttl_s;  /* door/lifetimes.h */
};

/* Whether so many more bytes of disk do, beside those sandboxes and what else
 * the organisation has; most 0 = no limit. 0 or -EDQUOT, as below. */
int quota_check_disk(uint64_t most, const struct sandbox_table *table,
    const char *org, uint64_t beside, uint64_t wanted, struct err *err);

/*
 * Whether one more fits beside those there are, whose organisation it has: 0,
 * or -EDQUOT with the limit, its value, what is taken of it and whose it is.
 */
int quota_check(const struct quota *quota, const struct sandbox_table *table,
    const struct sandbox_record *wanted, struct err *err);

/* The same of one that there is, and that is to run; one that does, or is about
 * to, has its place. */
int quota_check_start(const struct quota *quota,
    const struct sandbox_table *table, const struct sandbox_record *record,
    struct err *err);

/* The same of one that there is, by what `wanted` has more of. */
int quota_check_resize(const struct quota *quota,
    const struct sandbox_table *table, const struct sandbox_record *record,
    const struct sandbox_record *wanted, struct err *err);
