// SPDX-License-Identifier: Apache-2.0
/* How often each token is used: so many requests in a second, and as many at
 * once after a second without. */
#pragma once

#include <stdint.h>

#include "common/err.h"

/* Tokens in use within a second that are told apart. Beyond them the one that
 * is the nearest to its full rate again is forgotten. */
#define RATES_MAX	 1024
#define RATES_HASH_BYTES 16

struct rates;

/*
 * Counts one more request by the token that has this hash, at this monotonic
 * time: 0, or -EDQUOT where it has had per_second (0 = no limit) of them, with
 * what the limit is called, its value and when it goes on. *rates, NULL at
 * first, is made where it is missing; rates_free.
 */
int rates_take(struct rates **rates, const uint8_t hash[RATES_HASH_BYTES],
    const char *limit, uint64_t per_second, uint64_t now_ms, struct err *err);
void rates_free(struct rates *rates);
