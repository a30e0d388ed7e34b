// SPDX-License-Identifier: Apache-2.0
/* Of the index: what an organisation has of what is limited. */
#include "gateway/depot/query.h"

static int
count_disks(struct index *index, const struct scope *scope, uint64_t *ret,
    struct err *err)
{
	auto_query sqlite3_stmt *stmt = query_bind(index, QUERY_DISK_COUNT,
	    "s", scope->org);
	int r = query_step(index, stmt, err);

	if (r > 0)
		*ret = (uint64_t)sqlite3_column_int64(stmt, 0);
	return r < 0 ? r : 0;
}

int
index_count(struct index *index, const struct scope *scope,
    struct index_used *ret, struct err *err)
{
	auto_query sqlite3_stmt *stmt = NULL;
	int r = count_disks(index, scope, &ret->disks, err);

	if (r < 0)
		return r;
	stmt = query_bind(index, QUERY_FULLEST, "ss", scope->org,
	    query_owner(scope));
	r = query_step(index, stmt, err);
	if (r > 0) {
		ret->bytes = (uint64_t)sqlite3_column_int64(stmt, 0);
		ret->artifacts = (uint64_t)sqlite3_column_int64(stmt, 1);
	}
	return r < 0 ? r : 0;
}
