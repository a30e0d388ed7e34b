// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/cgroup/use.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "sandboxd/cgroup/backend.h"

#define STAT_SIZE 8192 /* memory.stat has some 2 KiB, of either version */
#define NS_PER_US 1000

/* A line of memory.stat, and where it goes. */
struct row {
	const char *key;
	size_t offset;
};

#define ROW(key, member) {key, offsetof(struct cgroup_memory_use, member)}

static const struct row rows_v2[] = {
    ROW("anon", anon), ROW("file", file), ROW("shmem", shmem),
    ROW("active_anon", active_anon), ROW("inactive_anon", inactive_anon),
    ROW("active_file", active_file), ROW("inactive_file", inactive_file),
    ROW("unevictable", unevictable), ROW("file_mapped", mapped),
    ROW("file_dirty", dirty), ROW("file_writeback", writeback),
    ROW("slab_reclaimable", slab_reclaimable),
    ROW("slab_unreclaimable", slab_unreclaimable),
    ROW("kernel_stack", kernel_stack), ROW("pagetables", page_tables),
    ROW("pgfault", faults), ROW("pgmajfault", major_faults), {NULL, 0},
};

static const struct row rows_v1[] = {
    ROW("total_rss", anon), ROW("total_cache", file),
    ROW("total_shmem", shmem), ROW("total_active_anon", active_anon),
    ROW("total_inactive_anon", inactive_anon),
    ROW("total_active_file", active_file),
    ROW("total_inactive_file", inactive_file),
    ROW("total_unevictable", unevictable),
    ROW("total_mapped_file", mapped), ROW("total_dirty", dirty),
    ROW("total_writeback", writeback), ROW("total_pgfault", faults),
    ROW("total_pgmajfault", major_faults), {NULL, 0},
};

static bool
is_v2(const struct cgroup_host *host)
{
	return host->backend == &cgroup_v2;
}

/* "max" is no number, and -1 as one is the greatest: none. */
static int
read_number(const struct cgroup_host *host, enum cgroup_tree tree,
    const char *id, const char *file, uint64_t *ret, struct err *err)
{
	char text[CGROUP_VALUE_SIZE], *end;
	int r = cgroup_read(host, tree, id, file, text, sizeof text, err);

	if (r < 0)
		return r;
	*ret = strtoull(text, &end, 10);
	if (end == text)
		*ret = UINT64_MAX;
	return 0;
}

int
cgroup_memory_use(const struct cgroup_host *host, const char *id,
    struct cgroup_memory_use *ret, struct err *err)
{
	const bool is_two = is_v2(host);
	const enum cgroup_tree tree = is_two ? CGROUP_UNIFIED : CGROUP_MEMORY;
	const struct row *row = is_two ? rows_v2 : rows_v1;
	struct cgroup_memory_use use = {0};
	char text[STAT_SIZE];
	int r;

	if ((r = read_number(host, tree, id, is_two ? "memory.max" :
	    "memory.limit_in_bytes", &use.limit, err)) < 0 ||
	    (r = read_number(host, tree, id, is_two ? "memory.current" :
	    "memory.usage_in_bytes", &use.used, err)) < 0 ||
	    (r = cgroup_read(host, tree, id, "memory.stat", text, sizeof text,
	    err)) < 0)
		return r;
	for (; row->key != NULL; row++)
		*(uint64_t *)(void *)((char *)&use + row->offset) =
		    cgroup_value_of(text, row->key);
	*ret = use;
	return 0;
}

/*
 * One that has used its part waits for the next period, and whom it kept from a
 * CPU until then waited as long as that part lasted: so periods are short. The
 * kernel takes no quota below 1 ms.
 */
void
cgroup_cpu_quota(uint32_t cpu_millis, uint32_t *ret_quota_us,
    uint32_t *ret_period_us)
{
	const uint32_t quota_min_us = 1000;

	*ret_period_us = 20000;
	*ret_quota_us = cpu_millis * (*ret_period_us / 1000);
	if (cpu_millis > 0 && *ret_quota_us < quota_min_us) {
		*ret_quota_us = quota_min_us;
		*ret_period_us = quota_min_us * 1000 / cpu_millis;
	}
}

static uint32_t
millis_of(long long quota_us, long long period_us)
{
	if (quota_us <= 0 || period_us <= 0 ||
	    quota_us >= (long long)UINT32_MAX)
		return 0;
	return (uint32_t)(quota_us * 1000 / period_us);
}

static int
read_cpu_v2(const struct cgroup_host *host, const char *id,
    struct cgroup_cpu_use *ret, struct err *err)
{
	char text[STAT_SIZE];
	long long quota_us = 0, period_us = 0;
	int r = cgroup_read(host, CGROUP_UNIFIED, id, "cpu.stat", text,
	    sizeof text, err);

	if (r < 0)
		return r;
	ret->user_us = cgroup_value_of(text, "user_usec");
	ret->system_us = cgroup_value_of(text, "system_usec");
	if ((r = cgroup_read(host, CGROUP_UNIFIED, id, "cpu.max", text,
	    sizeof text, err)) < 0)
		return r;
	if (sscanf(text, "%lld %lld", &quota_us, &period_us) == 2)
		ret->limit_millis = millis_of(quota_us, period_us);
	return 0;
}

static int
read_cpu_v1(const struct cgroup_host *host, const char *id,
    struct cgroup_cpu_use *ret, struct err *err)
{
	uint64_t user_ns = 0, system_ns = 0, quota_us = 0, period_us = 0;
	int r;

	/* Not on every host, and then it has used nothing. */
	if (host->mounts[CGROUP_CPUACCT][0] != '\0' &&
	    ((r = read_number(host, CGROUP_CPUACCT, id, "cpuacct.usage_user",
	    &user_ns, err)) < 0 ||
	    (r = read_number(host, CGROUP_CPUACCT, id, "cpuacct.usage_sys",
	    &system_ns, err)) < 0))
		return r;
	if ((r = read_number(host, CGROUP_CPU, id, "cpu.cfs_quota_us",
	    &quota_us, err)) < 0 ||
	    (r = read_number(host, CGROUP_CPU, id, "cpu.cfs_period_us",
	    &period_us, err)) < 0)
		return r;
	ret->user_us = user_ns / NS_PER_US;
	ret->system_us = system_ns / NS_PER_US;
	ret->limit_millis = millis_of((long long)quota_us,
	    (long long)period_us);
	return 0;
}

int
cgroup_cpu_use(const struct cgroup_host *host, const char *id,
    struct cgroup_cpu_use *ret, struct err *err)
{
	struct cgroup_cpu_use use = {0};
	uint64_t tasks = 0;
	int r = is_v2(host) ? read_cpu_v2(host, id, &use, err) :
	    read_cpu_v1(host, id, &use, err);

	if (r == 0)
		r = read_number(host, is_v2(host) ? CGROUP_UNIFIED :
		    CGROUP_PIDS, id, "pids.current", &tasks, err);
	if (r < 0)
		return r;
	use.n_tasks = tasks < UINT32_MAX ? (uint32_t)tasks : UINT32_MAX;
	*ret = use;
	return 0;
}

int
cgroup_cpu_used_us(const struct cgroup_host *host, const char *id,
    uint64_t *ret_us, struct err *err)
{
	char text[STAT_SIZE];
	uint64_t ns = 0;
	int r;

	if (is_v2(host)) {
		r = cgroup_read(host, CGROUP_UNIFIED, id, "cpu.stat", text,
		    sizeof text, err);
		if (r == 0)
			*ret_us = cgroup_value_of(text, "usage_usec");
		return r;
	}
	r = host->mounts[CGROUP_CPUACCT][0] == '\0' ? 0 :
	    read_number(host, CGROUP_CPUACCT, id, "cpuacct.usage", &ns, err);
	if (r == 0)
		*ret_us = ns / NS_PER_US;
	return r;
}
