// SPDX-License-Identifier: Apache-2.0
/* What a sandbox takes of its limits, as the kernel counts it of its groups. */
#pragma once

#include "sandboxd/cgroup/cgroup.h"

/* In bytes; what the host's version does not count is 0. */
struct cgroup_memory_use {
	uint64_t limit; /* UINT64_MAX = none */
	uint64_t used;	/* of it */
	uint64_t anon, file, shmem; /* file: the page cache, shmem in it */
	uint64_t active_anon, inactive_anon;
	uint64_t active_file, inactive_file;
	uint64_t unevictable, mapped, dirty, writeback;
	uint64_t slab_reclaimable, slab_unreclaimable; /* version 2 */
	uint64_t kernel_stack, page_tables;	       /* version 2 */
	uint64_t faults, major_faults;		       /* how many; not bytes */
};

struct cgroup_cpu_use {
	uint64_t user_us, system_us; /* so far */
	uint32_t limit_millis;	     /* 0 = none */
	uint32_t n_tasks;	     /* processes and threads there are */
};

/* Reads either of a sandbox's; -ENOENT where it has no groups. id NULL: of all
 * sandboxes together. */
int cgroup_memory_use(const struct cgroup_host *host, const char *id,
    struct cgroup_memory_use *ret, struct err *err);
int cgroup_cpu_use(const struct cgroup_host *host, const char *id,
    struct cgroup_cpu_use *ret, struct err *err);

/* Of that alone what it has used, with one reading. */
int cgroup_cpu_used_us(const struct cgroup_host *host, const char *id,
    uint64_t *ret_us, struct err *err);
