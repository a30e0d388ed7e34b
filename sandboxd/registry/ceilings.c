// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/registry/ceilings.h"

#include <errno.h>

#include "sandboxd/registry/registry_of.h"

static int
prepare(struct registry *registry, const char *sql, sqlite3_stmt **ret,
    struct err *err)
{
	return sqlite3_prepare_v2(registry->db, sql, -1, ret, NULL) ==
	    SQLITE_OK ? 0 : registry_failed(registry, "ceilings", err);
}

static struct ceiling_record
read_row(sqlite3_stmt *stmt)
{
	return (struct ceiling_record){
	    .org = (const char *)sqlite3_column_text(stmt, 0),
	    .policy = {sqlite3_column_blob(stmt, 1),
		(uint32_t)sqlite3_column_bytes(stmt, 1)},
	    .is_operators = sqlite3_column_int(stmt, 2) != 0};
}

int
registry_load_ceilings(struct registry *registry,
    int (*found)(const struct ceiling_record *record, void *data,
    struct err *err), void *data, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int code = SQLITE_DONE;
	int r = prepare(registry, "SELECT org, policy, is_operators"
	    " FROM ceilings", &stmt, err);

	while (r == 0 && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		const struct ceiling_record record = read_row(stmt);

		r = record.org != NULL ? found(&record, data, err) :
		    err_set(err, ENOMEM, "registry: no memory");
	}
	if (r == 0 && code != SQLITE_DONE)
		r = registry_failed(registry, "ceilings", err);
	sqlite3_finalize(stmt);
	return r;
}

int
registry_set_ceiling(struct registry *registry,
    const struct ceiling_record *record, struct err *err)
{
	const bool is_gone = record->policy.size == 0;
	sqlite3_stmt *stmt = NULL;
	int r = registry_set_durability(registry, REGISTRY_DURABLE, err);

	if (r == 0)
		r = prepare(registry, is_gone ?
		    "DELETE FROM ceilings WHERE org = ?1" :
		    "INSERT OR REPLACE INTO ceilings VALUES (?1, ?2, ?3)",
		    &stmt, err);
	if (r < 0)
		return r;
	sqlite3_bind_text(stmt, 1, record->org, -1, SQLITE_STATIC);
	if (!is_gone) {
		sqlite3_bind_blob(stmt, 2, record->policy.data,
		    (int)record->policy.size, SQLITE_STATIC);
		sqlite3_bind_int(stmt, 3, record->is_operators);
	}
	if (sqlite3_step(stmt) != SQLITE_DONE)
		r = registry_failed(registry, "ceilings", err);
	sqlite3_finalize(stmt);
	return r;
}
