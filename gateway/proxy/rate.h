// SPDX-License-Identifier: Apache-2.0
/* Requests a second, of each service that has such a limit: buckets, which
 * fill with time. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define RATES_MAX 1024 /* services counted at once */

struct rate {
	uint64_t service_id; /* 0 = free */
	uint64_t left_millis; /* thousandths of requests */
	uint64_t at_ms;
};

/* Zeroed at first. */
struct rates {
	struct rate rows[RATES_MAX];
};

/* Whether one more may come now; it is counted. burst 0 = as rate. */
bool rates_take(struct rates *rates, uint64_t service_id, uint32_t rate,
    uint32_t burst, uint64_t now_ms);
