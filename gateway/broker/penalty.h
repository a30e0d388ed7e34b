// SPDX-License-Identifier: Apache-2.0
/*
 * What sources have on their account, as OpenSSH's PerSourcePenalties: times
 * that add up and pass by themselves. Whoever has reached the minimum is
 * refused until all of it has passed. Bounded: a source that comes when its
 * place is full takes that of the one soonest forgiven.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/address.h"
#include "common/err.h"

enum penalty {
	PENALTY_NO_AUTH,      /* left without having tried */
	PENALTY_AUTH_FAILURE, /* tried, and left without success */
	PENALTY_GRACE,	      /* let its time to log in run out */
	PENALTY_CRASH,	      /* its session did not end by itself */
	N_PENALTY
};

struct penalty_policy {
	uint64_t costs_ms[N_PENALTY]; /* 0 = none */
	uint64_t min_ms, max_ms;
	uint64_t sources_max; /* of IPv4, and as many of IPv6 */
};

struct penalty_row; /* one source */

/* Owned by whoever initialised it; a policy that costs nothing keeps none. */
struct penalties {
	struct penalty_policy policy;
	struct penalty_row *rows;
	size_t n_sets; /* of each of the two families */
	uint8_t key[16]; /* so that nobody can choose whose place to take */
};

/* Times are milliseconds of any clock that never goes back. 0 or -ENOMEM. */
int penalties_init(struct penalties *penalties,
    const struct penalty_policy *policy, struct err *err);
void penalties_fini(struct penalties *penalties);

/* Whether a source is refused now. */
bool penalties_has(const struct penalties *penalties,
    const uint8_t source[ADDRESS_SOURCE_SIZE], uint64_t now_ms);

/*
 * Puts one more on a source's account. Returns for how many milliseconds it is
 * refused from now on where this is what makes it so, else 0.
 */
uint64_t penalties_add(struct penalties *penalties,
    const uint8_t source[ADDRESS_SOURCE_SIZE], enum penalty penalty,
    uint64_t now_ms);

/* "no authentication", "failed authentication" and so on. */
const char *penalty_name(enum penalty penalty);
