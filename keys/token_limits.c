// SPDX-License-Identifier: Apache-2.0
#include "keys/token_limits.h"

#include <errno.h>
#include <sqlite3.h>

static int
inherit(const char *name, uint64_t makers, uint64_t *limit, struct err *err)
{
	if (*limit == 0)
		*limit = makers;
	if (*limit > INT64_MAX)
		*limit = INT64_MAX; /* what a column holds, and nobody meets */
	return makers == 0 || *limit <= makers ? 0 : err_set(err, EACCES,
	    "%s: more than that of the token that asks for it, %llu", name,
	    (unsigned long long)makers);
}

int
token_limits_inherit(const struct token_limits *makers,
    struct token_limits *limits, struct err *err)
{
	int r = inherit("max_body", makers->body_max_bytes,
	    &limits->body_max_bytes, err);

	if (r == 0)
		r = inherit("max_request_time", makers->time_max_s,
		    &limits->time_max_s, err);
	return r < 0 ? r : inherit("max_rate", makers->per_second_max,
	    &limits->per_second_max, err);
}

void
token_limits_read(struct sqlite3_stmt *stmt, int first,
    struct token_limits *ret)
{
	ret->body_max_bytes = (uint64_t)sqlite3_column_int64(stmt, first);
	ret->time_max_s = (uint64_t)sqlite3_column_int64(stmt, first + 1);
	ret->per_second_max = (uint64_t)sqlite3_column_int64(stmt, first + 2);
}
