// SPDX-License-Identifier: Apache-2.0
/*
 * How many CPUs the sandbox's limit amounts to. The scheduler, which nproc and
 * runtimes of threads ask, tells those of the host.
 */
#pragma once

#include <stddef.h>

/* Where the limit is to be read: version 2's file, and version 1's two. */
#define CPUS_MAX_FILE	 "/sys/fs/cgroup/cpu.max"
#define CPUS_QUOTA_FILE	 "/sys/fs/cgroup/cpu/cpu.cfs_quota_us"
#define CPUS_PERIOD_FILE "/sys/fs/cgroup/cpu/cpu.cfs_period_us"

/* What lies over the list of CPUs that are online (recipe/limits_view.h). */
#define CPUS_ONLINE_FILE "/dev/.online"

/*
 * Of "QUOTA PERIOD", microseconds, as cpu.max has them: the number of CPUs,
 * rounded up. 0 where there is no limit ("max", "-1") or it makes no sense.
 */
unsigned cpus_of_quota(const char *text);

/*
 * The limit now, where it is less than what the scheduler gives; else 0. Writes
 * as many as are to be counted to CPUS_ONLINE_FILE, where it is there and says
 * otherwise, as /sys/devices/system/cpu/online has them.
 */
unsigned cpus_limit(void);
