// SPDX-License-Identifier: Apache-2.0
/* Of the index: what was done in sandboxes. */
#include "common/clock.h"
#include "gateway/depot/query.h"

int
index_add_history(struct index *index, const struct scope *scope,
    const struct rpc_history_add_req *request, struct err *err)
{
	const int64_t now_ms = (int64_t)clock_unix_ms();
	sqlite3_stmt *stmt;
	int64_t id = 0;
	int r = query_run(index, "BEGIN IMMEDIATE", err);

	if (r < 0)
		return r;
	stmt = query_bind(index, QUERY_HISTORY_PUT, "sssii", scope->org,
	    scope->owner, request->sandbox_id, (int64_t)request->alive_s,
	    now_ms);
	while ((r = query_step(index, stmt, err)) > 0)
		id = sqlite3_column_int64(stmt, 0);
	if (r == 0 && (*request->command != '\0' || *request->file != '\0'))
		r = query_step(index, query_bind(index, QUERY_DEED_ADD,
		    "issi", id, request->command, request->file,
		    (int64_t)request->exit_code), err);
	if (r == 0)
		r = query_step(index, query_bind(index, QUERY_DEED_TRIM, "ii",
		    id, (int64_t)DEPOT_COMMANDS_MAX), err);
	if (r == 0)
		r = query_step(index, query_bind(index, QUERY_HISTORY_TRIM,
		    "si", scope->org, (int64_t)DEPOT_HISTORIES_MAX), err);
	return query_finish(index, r, err);
}

int
index_list_histories(struct index *index, const struct scope *scope,
    const struct rpc_history_list_req *request,
    int (*each)(void *arg, const struct rpc_history_info *history), void *arg,
    struct err *err)
{
	auto_query sqlite3_stmt *stmt = query_bind(index,
	    request->is_newest_first ? QUERY_HISTORY_LIST_NEWEST :
	    QUERY_HISTORY_LIST, "sssi", scope->org, query_owner(scope),
	    request->after, (int64_t)request->limit + 1);
	int r;

	while ((r = query_step(index, stmt, err)) > 0) {
		const struct rpc_history_info history = {
		    .id = query_text(stmt, 0),
		    .sandbox_id = query_text(stmt, 1),
		    .commands = query_text(stmt, 2),
		    .files = query_text(stmt, 3),
		    .alive_s = (uint64_t)sqlite3_column_int64(stmt, 4),
		    .created_ms = (uint64_t)sqlite3_column_int64(stmt, 5),
		    .updated_ms = (uint64_t)sqlite3_column_int64(stmt, 6)};

		r = each(arg, &history);
		if (r < 0)
			break;
	}
	return r;
}
