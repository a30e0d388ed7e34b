// SPDX-License-Identifier: Apache-2.0
/* What the head of a request for a stream says of time. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct exchange;

struct head_times {
	uint64_t ping_ms; /* from one sign of life to the next; 0 = none */
	uint64_t ends_ms; /* so long it may take; 0 = for ever */
	uint64_t waited_ms;
};

/* Keepalive-Ping-Interval, and where it ends by it Connect-Timeout-Ms. */
void head_times_read(const struct exchange *exchange, bool ends,
    struct head_times *ret);

/* How long from now until the next that time brings, which is waited for from
 * now on; 0 = nothing. */
uint64_t head_times_next(struct head_times *times);

/* When that has come: whether it is the end, or a sign of life is due. */
bool head_times_are_over(const struct head_times *times);

/* Connect-Timeout-Ms; 0 = for ever. */
uint64_t head_timeout_ms(const struct exchange *exchange);
