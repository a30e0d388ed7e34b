// SPDX-License-Identifier: Apache-2.0
#include "common/load_average.h"

#include <stddef.h>

/* e to the power of -x, for x of 0 and more: a short series where that is
 * exact enough, and the square of that of half as much above. */
static double
fading(double x)
{
	double half;

	if (x > 50)
		return 0;
	if (x < 0.01)
		return 1 - x + x * x / 2;
	half = fading(x / 2);
	return half * half;
}

void
load_average_fade(double loads[LOAD_AVERAGES], uint64_t passed_us,
    uint64_t used_us)
{
	static const double over_us[LOAD_AVERAGES] = {60e6, 300e6, 900e6};
	double busy;

	if (passed_us == 0)
		return;
	busy = (double)used_us / (double)passed_us;
	for (size_t i = 0; i < LOAD_AVERAGES; i++) {
		double left = fading((double)passed_us / over_us[i]);

		loads[i] = loads[i] * left + busy * (1 - left);
	}
}
