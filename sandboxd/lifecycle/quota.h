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

/* What is counted against it, of a state and not of what is used. */
struct quota_used {
	uint64_t sandboxes, running, memory_bytes, cpu_millis, disk_bytes;
};

/* Of all sandboxes of an organisation but the one with this id; "" = of all. */
struct quota_used quota_count(const struct sandbox_table *table,
    const char *org, const char *but_id);

/* Whether so many more bytes of disk do, beside those sandboxes and what else
 * the organisation has (org_disk.h); most 0 = no limit. 0 or -EDQUOT, as
 * below. */
int quota_check_disk(uint64_t most, const struct sandbox_table *table,
    const char *org, uint64_t beside, uint64_t wanted, struct err *err);

/*
 * Whether one more fits beside those there are, whose organisation it has, and
 * beside what that has of disk otherwise, with so many bytes of disks that are
 * made with it: 0, or -EDQUOT with the limit, its value, what is taken of it
 * and whose it is.
 */
int quota_check(const struct quota *quota, const struct sandbox_table *table,
    const struct sandbox_record *wanted, uint64_t beside, uint64_t of_disks,
    struct err *err);

/* The same of one that there is, and that is to run; one that does, or is about
 * to, has its place. */
int quota_check_start(const struct quota *quota,
    const struct sandbox_table *table, const struct sandbox_record *record,
    struct err *err);

/* The same of one that there is, by what `wanted` has more of. */
int quota_check_resize(const struct quota *quota,
    const struct sandbox_table *table, const struct sandbox_record *record,
    const struct sandbox_record *wanted, uint64_t beside, struct err *err);
