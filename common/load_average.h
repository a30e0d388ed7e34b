// SPDX-License-Identifier: Apache-2.0
/* Load averages of a group, from the CPU time that it used. */
#pragma once

#include <stdint.h>

#define LOAD_AVERAGES 3 /* over 1, 5 and 15 minutes */

/* What they are after passed_us more in which so much CPU time was used: the
 * number of CPUs that were busy, faded as the kernel does. */
void load_average_fade(double loads[LOAD_AVERAGES], uint64_t passed_us,
    uint64_t used_us);
