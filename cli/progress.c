// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.h"

#include <stdint.h>
#include <stdio.h>

#include "cli/table.h"
#include "common/clock.h"

#define TURN_MS 100

static uint64_t told_ms; /* 0 = not yet */

int
progress_show(void *user, curl_off_t down_size, curl_off_t down,
    curl_off_t up_size, curl_off_t up)
{
	uint64_t now_ms = clock_monotonic_ms();
	char amount[HUMAN_SIZE];

	(void)user;
	(void)down_size;
	(void)up_size;
	if (now_ms < told_ms + TURN_MS || down + up == 0)
		return 0;
	told_ms = now_ms;
	human_size((double)(down > up ? down : up), amount);
	fprintf(stderr, "\r%8s ", amount);
	return 0;
}

void
progress_end(void)
{
	if (told_ms != 0)
		fputc('\n', stderr);
	told_ms = 0;
}
