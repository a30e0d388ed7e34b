// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/back/rates.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SECOND_US 1000000u
#define WAYS	  8 /* of a set, in which a token may be */
#define SETS	  (RATES_MAX / WAYS)

/*
 * A row is full again at a time which each request puts off by its share of a
 * second (GCRA); past that it says nothing, and is free.
 */
struct row {
	uint8_t hash[RATES_HASH_BYTES];
	uint64_t full_us;
};

struct rates {
	struct row rows[SETS][WAYS];
};

static struct row *
find(struct rates *rates, const uint8_t hash[RATES_HASH_BYTES])
{
	const unsigned set = (hash[0] | (unsigned)hash[1] << 8) % SETS;
	struct row *row = rates->rows[set], *first = row;

	for (int i = 0; i < WAYS; i++) {
		if (memcmp(row[i].hash, hash, sizeof row[i].hash) == 0)
			return &row[i];
		if (row[i].full_us < first->full_us)
			first = &row[i];
	}
	memcpy(first->hash, hash, sizeof first->hash);
	first->full_us = 0;
	return first;
}

int
rates_take(struct rates **ret, const uint8_t hash[RATES_HASH_BYTES],
    const char *limit, uint64_t per_second, uint64_t now_ms, struct err *err)
{
	const uint64_t now_us = now_ms * 1000;
	struct rates *rates = *ret;
	unsigned retry_s;
	struct row *row;

	if (per_second == 0)
		return 0;
	if (rates == NULL)
		rates = *ret = calloc(1, sizeof *rates);
	if (rates == NULL)
		return err_set(err, ENOMEM, "out of memory");
	row = find(rates, hash);
	if (row->full_us < now_us)
		row->full_us = now_us;
	if (row->full_us - now_us + SECOND_US / per_second <= SECOND_US) {
		row->full_us += SECOND_US / per_second;
		return 0;
	}
	retry_s = 1; /* a second without, and all of it is there again */
	err_set(err, EDQUOT, "%s: this token may ask %llu times a second, and "
	    "has; try again in %u s", limit, (unsigned long long)per_second,
	    retry_s);
	(void)err_cause(err, limit);
	return err_retry(err, retry_s);
}

void
rates_free(struct rates *rates)
{
	free(rates);
}
