// SPDX-License-Identifier: Apache-2.0
#include "gateway/proxy/rate.h"

#include <stddef.h>

/* Its row, or the one that was used longest ago, made its. */
static struct rate *
find(struct rates *rates, uint64_t service_id, uint64_t full_millis,
    uint64_t now_ms)
{
	struct rate *oldest = &rates->rows[0];

	for (size_t i = 0; i < RATES_MAX; i++) {
		struct rate *row = &rates->rows[i];

		if (row->service_id == service_id)
			return row;
		if (row->at_ms < oldest->at_ms)
			oldest = row;
	}
	*oldest = (struct rate){service_id, full_millis, now_ms};
	return oldest;
}

bool
rates_take(struct rates *rates, uint64_t service_id, uint32_t rate,
    uint32_t burst, uint64_t now_ms)
{
	const uint64_t full = 1000ull * (burst != 0 ? burst : rate);
	struct rate *row = find(rates, service_id, full, now_ms);

	row->left_millis += (now_ms - row->at_ms) * rate;
	if (row->left_millis > full)
		row->left_millis = full;
	row->at_ms = now_ms;
	if (row->left_millis < 1000)
		return false;
	row->left_millis -= 1000;
	return true;
}
