// SPDX-License-Identifier: Apache-2.0
/*
 * How many CPUs the sandbox's limit amounts to. The scheduler, which nproc and
 * runtimes of threads ask, tells those of the host.
 */
#pragma once

/* What tells of the limit, and where it is told on. */
struct cpus {
	int max_fd;		 /* version 2's cpu.max, or -1 */
	int quota_fd, period_fd; /* version 1's two, or -1 */
	int online_fd;		 /* what lies over the list of those online */
	unsigned n_online;	 /* as it says; 0 = not looked at yet */
};

/* Opens them, as the recipe has mounted them (recipe/limits_view.h), for good.
 * What is not there is no limit, and nothing to tell. */
void cpus_init(struct cpus *cpus);

/*
 * Of "QUOTA PERIOD", microseconds, as cpu.max has them: the number of CPUs,
 * rounded up. 0 where there is no limit ("max", "-1") or it makes no sense.
 */
unsigned cpus_of_quota(const char *text);

/*
 * The limit now, where it is less than what the scheduler gives; else 0. Where
 * it has changed, it also says in the list of those online how many there are,
 * as /sys/devices/system/cpu/online does: the limit, or all.
 */
unsigned cpus_limit(struct cpus *cpus);
