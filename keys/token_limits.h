// SPDX-License-Identifier: Apache-2.0
/* What the requests of a token may be at the API (docs/LIMITS.md). */
#pragma once

#include <stdint.h>

#include "common/err.h"

struct sqlite3_stmt;

/* 0 = no limit but the host's. */
struct token_limits {
	uint64_t body_max_bytes; /* of one request */
	uint64_t time_max_s;	 /* that one takes, from its head to its end */
	uint64_t per_second_max; /* of requests */
};

/*
 * Those of a token that one with the maker's makes, from what is wished: where
 * that says nothing they are the maker's. -EACCES names the limit that would be
 * more than his.
 */
int token_limits_inherit(const struct token_limits *makers,
    struct token_limits *limits, struct err *err);

/* Of three columns from the first on. */
void token_limits_read(struct sqlite3_stmt *stmt, int first,
    struct token_limits *ret);
