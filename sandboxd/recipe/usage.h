// SPDX-License-Identifier: Apache-2.0
/*
 * What a sandbox that runs has taken of all that it has, as the kernel counts
 * it of its groups, its disk and its link. Read from files that wait for
 * nobody who makes or removes others: they may be read in a loop.
 */
#pragma once

#include "sandboxd/recipe/runtime.h"

struct usage {
	uint64_t memory_bytes, cache_bytes; /* the latter: of files */
	uint64_t disk_bytes;
	uint64_t received_bytes, sent_bytes; /* by the sandbox */
	uint32_t tasks;
	bool is_disk_counted;
};

/* Reads all of it; a link that is gone has carried nothing. 0 or -errno. */
int usage_read(const struct runtime *runtime, const char *id, uint32_t slot,
    struct usage *ret, struct err *err);

/* The CPU time alone, by one file, in microseconds. 0 or -errno. */
int usage_read_cpu(const struct runtime *runtime, const char *id,
    uint64_t *ret_us);

/*
 * Memory that is left to all sandboxes together below the limit of their group,
 * what the kernel can take back of files counted as left, and that limit. 0 or
 * -errno; -ENOENT where there is no limit.
 */
int usage_read_room(const struct runtime *runtime, uint64_t *ret_left_bytes,
    uint64_t *ret_limit_bytes);
