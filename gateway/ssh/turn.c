// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/turn.h"

#include <limits.h>

void
turn_wake(int *timeout_ms, uint64_t left_ms)
{
	if (left_ms > INT_MAX)
		left_ms = INT_MAX;
	if (*timeout_ms < 0 || left_ms < (uint64_t)*timeout_ms)
		*timeout_ms = (int)left_ms;
}

void
turn_end(struct turn *turn, const char *words)
{
	if (turn->ending == NULL)
		turn->ending = words;
}
