// SPDX-License-Identifier: Apache-2.0
#include "gateway/depot/query.h"

#include <errno.h>
#include <stdarg.h>

/* ?1 and ?2 of every one: the organisation, and the owner whose disks alone are
 * known, NULL = all are. */
#define IS_KNOWN "d.org = ?1 AND (?2 IS NULL OR d.owner = ?2)"

#define SELECT_DISK "SELECT d.id, d.name, d.user, d.owner, d.created_ms, " \
	"d.updated_ms, d.n_artifacts, d.bytes FROM disk d "

#define SELECT_ARTIFACT "SELECT a.disk_id, a.folder, a.name, a.mime, a.kind, " \
	"a.meta, a.size, a.sha256, a.created_ms, a.updated_ms " \
	"FROM artifact a JOIN disk d ON d.id = a.disk_id "

#define SELECT_HISTORY "SELECT h.id, h.sandbox_id, " \
	"(SELECT json_group_array(json_object('command', command, " \
	"'exit_code', exit_code)) FROM deed WHERE history_id = h.id " \
	"AND command <> ''), (SELECT json_group_array(json_object(" \
	"'sandbox_path', file)) FROM deed WHERE history_id = h.id " \
	"AND file <> ''), h.alive_s, h.created_ms, h.updated_ms " \
	"FROM history h WHERE h.org = ?1 AND (?2 IS NULL OR h.owner = ?2) "

static const char *const sql[N_QUERY] = {
    [QUERY_DISK_COUNT] = "SELECT count(*) FROM disk WHERE org = ?",
    [QUERY_FULLEST] =
	"SELECT coalesce((SELECT bytes FROM used WHERE org = ?1), 0), "
	"coalesce((SELECT max(d.n_artifacts) FROM disk d WHERE " IS_KNOWN
	"), 0)",
    [QUERY_DISK_ADD] =
	"INSERT INTO disk (id, org, owner, name, user, created_ms, "
	"updated_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
    [QUERY_DISK_GET] = SELECT_DISK "WHERE " IS_KNOWN " AND d.id = ?3",
    [QUERY_DISK_NAMED] = SELECT_DISK "WHERE " IS_KNOWN
	" AND d.name = ?3 LIMIT 2",
    [QUERY_DISK_LIST] = SELECT_DISK "WHERE " IS_KNOWN
	" AND (?3 = '' OR d.user = ?3) AND d.number > "
	"coalesce((SELECT number FROM disk WHERE id = ?4 AND org = ?1), 0) "
	"ORDER BY d.number LIMIT ?5",
    [QUERY_DISK_LIST_NEWEST] = SELECT_DISK "WHERE " IS_KNOWN
	" AND (?3 = '' OR d.user = ?3) AND d.number < coalesce((SELECT "
	"number FROM disk WHERE id = ?4 AND org = ?1), 1 << 62) "
	"ORDER BY d.number DESC LIMIT ?5",
    [QUERY_DISK_TOUCH] = "UPDATE disk SET updated_ms = ?2 WHERE id = ?1",
    [QUERY_DISK_REMOVE] =
	"DELETE FROM disk AS d WHERE " IS_KNOWN " AND d.id = ?3 "
	"RETURNING number",
    [QUERY_ROOM] =
	"SELECT (SELECT bytes FROM used WHERE org = ?1), d.n_artifacts, "
	"a.size, a.sha256, a.created_ms FROM disk d LEFT JOIN artifact a ON "
	"a.disk_id = d.id AND a.folder = ?4 AND a.name = ?5 "
	"WHERE " IS_KNOWN " AND d.id = ?3",
    [QUERY_PUT] =
	"INSERT INTO artifact (disk_id, folder, name, org, mime, kind, meta, "
	"size, sha256, created_ms, updated_ms) "
	"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10) "
	"ON CONFLICT (disk_id, folder, name) DO UPDATE SET "
	"mime = excluded.mime, kind = excluded.kind, meta = excluded.meta, "
	"size = excluded.size, sha256 = excluded.sha256, "
	"updated_ms = excluded.updated_ms",
    [QUERY_GET] = SELECT_ARTIFACT "WHERE " IS_KNOWN
	" AND a.disk_id = ?3 AND a.folder = ?4 AND a.name = ?5",
    [QUERY_SET_META] =
	"UPDATE artifact SET meta = ?6, updated_ms = ?7 WHERE disk_id = "
	"(SELECT d.id FROM disk d WHERE " IS_KNOWN " AND d.id = ?3) "
	"AND folder = ?4 AND name = ?5 RETURNING size",
    [QUERY_REMOVE] =
	"DELETE FROM artifact WHERE disk_id = "
	"(SELECT d.id FROM disk d WHERE " IS_KNOWN " AND d.id = ?3) "
	"AND folder = ?4 AND name = ?5 RETURNING sha256",
    [QUERY_LIST] = SELECT_ARTIFACT "WHERE " IS_KNOWN
	" AND a.disk_id = ?3 AND a.folder = ?4 AND a.name > ?5 "
	"ORDER BY a.name",
    /* One that is below ?4 and not before ?5; what is below it itself is left
     * out by asking for what follows that. */
    [QUERY_FOLDER_AFTER] =
	"SELECT a.folder FROM artifact a JOIN disk d ON d.id = a.disk_id "
	"WHERE " IS_KNOWN " AND a.disk_id = ?3 AND a.folder > ?4 "
	"AND a.folder >= ?5 ORDER BY a.folder LIMIT 1",
    [QUERY_GLOB] = SELECT_ARTIFACT "WHERE " IS_KNOWN
	" AND a.disk_id = ?3 AND (a.folder || a.name GLOB ?4 "
	"OR a.name GLOB ?4) ORDER BY a.folder, a.name",
    [QUERY_NEXT_TEXT] = SELECT_ARTIFACT "WHERE " IS_KNOWN
	" AND a.disk_id = ?3 AND a.kind <> 0 "
	"AND (a.folder, a.name) > (?4, ?5) ORDER BY a.folder, a.name LIMIT 1",
    [QUERY_HAS_CONTENT] =
	"SELECT 1 FROM artifact WHERE org = ? AND sha256 = ? LIMIT 1",
    [QUERY_HISTORY_PUT] =
	"INSERT INTO history (org, owner, sandbox_id, alive_s, created_ms, "
	"updated_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?5) ON CONFLICT "
	"(org, sandbox_id) DO UPDATE SET updated_ms = excluded.updated_ms "
	"RETURNING id",
    [QUERY_HISTORY_LIST] = SELECT_HISTORY
	"AND h.id > CAST(?3 AS INTEGER) ORDER BY h.id LIMIT ?4",
    [QUERY_HISTORY_LIST_NEWEST] = SELECT_HISTORY
	"AND (?3 = '' OR h.id < CAST(?3 AS INTEGER)) "
	"ORDER BY h.id DESC LIMIT ?4",
    [QUERY_HISTORY_TRIM] =
	"DELETE FROM history WHERE id IN (SELECT id FROM history "
	"WHERE org = ?1 ORDER BY id DESC LIMIT 10 OFFSET ?2)",
    [QUERY_HISTORY_FORGET] = "DELETE FROM history WHERE org = ?",
    [QUERY_DEED_ADD] =
	"INSERT INTO deed (history_id, command, file, exit_code) "
	"VALUES (?1, ?2, ?3, ?4)",
    [QUERY_DEED_TRIM] =
	"DELETE FROM deed WHERE id IN (SELECT id FROM deed "
	"WHERE history_id = ?1 ORDER BY id DESC LIMIT 10 OFFSET ?2)",
    [QUERY_NEXT_ORG] =
	"SELECT min(org) FROM (SELECT min(org) AS org FROM disk "
	"WHERE org > ?1 UNION SELECT min(org) FROM history "
	"WHERE org > ?1) HAVING min(org) IS NOT NULL",
    [QUERY_FORGET] = "DELETE FROM disk WHERE org = ?",
};

static int
report(const struct index *index, struct err *err)
{
	int code = sqlite3_extended_errcode(index->db);

	return err_set(err, (code & 0xff) == SQLITE_FULL ? ENOSPC : EIO,
	    "index of disks: %s", sqlite3_errmsg(index->db));
}

int
query_prepare_all(struct index *index, struct err *err)
{
	for (size_t i = 0; i < N_QUERY; i++)
		if (sqlite3_prepare_v3(index->db, sql[i], -1,
		    SQLITE_PREPARE_PERSISTENT, &index->queries[i], NULL) !=
		    SQLITE_OK)
			return report(index, err);
	return 0;
}

void
query_finalize_all(struct index *index)
{
	for (size_t i = 0; i < N_QUERY; i++)
		(void)sqlite3_finalize(index->queries[i]);
}

sqlite3_stmt *
query_bind(struct index *index, enum query query, const char *types, ...)
{
	sqlite3_stmt *stmt = index->queries[query];
	va_list ap;

	(void)sqlite3_reset(stmt);
	(void)sqlite3_clear_bindings(stmt);
	va_start(ap, types);
	for (int i = 1; types[i - 1] != '\0'; i++) {
		if (types[i - 1] == 'i')
			sqlite3_bind_int64(stmt, i, va_arg(ap, int64_t));
		else
			sqlite3_bind_text(stmt, i, va_arg(ap, const char *),
			    -1, SQLITE_STATIC);
	}
	va_end(ap);
	return stmt;
}

int
query_step(struct index *index, sqlite3_stmt *stmt, struct err *err)
{
	int r;

	switch (sqlite3_step(stmt)) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
		(void)sqlite3_reset(stmt);
		return 0;
	}
	r = report(index, err);
	(void)sqlite3_reset(stmt);
	return r;
}

int
query_run(struct index *index, const char *text, struct err *err)
{
	return sqlite3_exec(index->db, text, NULL, NULL, NULL) == SQLITE_OK ?
	    0 : report(index, err);
}

const char *
query_text(sqlite3_stmt *stmt, int column)
{
	const unsigned char *text = sqlite3_column_text(stmt, column);

	return text != NULL ? (const char *)text : "";
}

int
query_finish(struct index *index, int r, struct err *err)
{
	if (r == 0)
		r = query_run(index, "COMMIT", err);
	if (r < 0)
		(void)query_run(index, "ROLLBACK", NULL);
	return r;
}
