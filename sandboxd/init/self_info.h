// SPDX-License-Identifier: Apache-2.0
/*
 * What sysinfo(2) tells inside: memory, processes and load of the sandbox, from
 * the kernel's counters of its groups. The kernel's own answer is the host's
 * (but for the time since boot, which is the namespace's).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/sysinfo.h>

#include "common/load_average.h"

struct self_info {
	uint64_t faded_us, faded_cpu_us; /* at loads: its age, and use */
	double loads[LOAD_AVERAGES];
};

/*
 * The answer; false: the groups do not tell, and the kernel's own is to be
 * given. As in /proc (docs/INSIDE.md), free is what the limit leaves, and there
 * is no swap.
 */
bool self_info_tell(struct self_info *info, struct sysinfo *ret);
