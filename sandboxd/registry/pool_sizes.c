// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/registry/pool_sizes.h"

#include <errno.h>

#include "sandboxd/registry/registry_of.h"

static int
prepare(struct registry *registry, const char *sql, sqlite3_stmt **ret,
    struct err *err)
{
	return sqlite3_prepare_v2(registry->db, sql, -1, ret, NULL) ==
	    SQLITE_OK ? 0 : registry_failed(registry, "pool sizes", err);
}

int
registry_load_pool_sizes(struct registry *registry,
    int (*found)(const char *template_name, uint32_t wanted, void *data,
    struct err *err), void *data, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int code = SQLITE_DONE;
	int r = prepare(registry, "SELECT template_name, wanted"
	    " FROM pool_sizes ORDER BY template_name", &stmt, err);

	while (r == 0 && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(stmt, 0);

		r = name == NULL ? err_set(err, ENOMEM, "registry: no memory") :
		    found(name, (uint32_t)sqlite3_column_int64(stmt, 1), data,
		    err);
	}
	if (r == 0 && code != SQLITE_DONE)
		r = registry_failed(registry, "pool sizes", err);
	sqlite3_finalize(stmt);
	return r;
}

int
registry_set_pool_size(struct registry *registry,
    const char *template_name, uint32_t wanted, struct err *err)
{
	const bool is_gone = wanted == POOL_SIZE_GONE;
	sqlite3_stmt *stmt = NULL;
	int r = registry_set_durability(registry, REGISTRY_DURABLE, err);

	if (r == 0)
		r = prepare(registry, is_gone ?
		    "DELETE FROM pool_sizes WHERE template_name = ?1" :
		    "INSERT OR REPLACE INTO pool_sizes VALUES (?1, ?2)",
		    &stmt, err);
	if (r < 0)
		return r;
	sqlite3_bind_text(stmt, 1, template_name, -1, SQLITE_STATIC);
	if (!is_gone)
		sqlite3_bind_int64(stmt, 2, wanted);
	if (sqlite3_step(stmt) != SQLITE_DONE)
		r = registry_failed(registry, "pool sizes", err);
	sqlite3_finalize(stmt);
	return r;
}
