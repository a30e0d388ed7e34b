// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/registry/snapshots.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define SQL_SIZE 1024

enum kind { TEXT, NUMBER };

static const struct column {
	const char *name;
	enum kind kind;
	size_t offset, size; /* in struct snapshot_record */
} columns[] = {
#define COLUMN_TEXT(name, size)                                                \
	{#name, TEXT, offsetof(struct snapshot_record, name), size},
#define COLUMN_NUMBER(name)                                                    \
	{#name, NUMBER, offsetof(struct snapshot_record, name), 0},
    SNAPSHOT_ROWS(COLUMN_TEXT, COLUMN_NUMBER)
};
#define N_COLUMNS ((int)(sizeof columns / sizeof *columns))

static int
failed(sqlite3 *db, struct err *err)
{
	return err_set(err, sqlite3_errcode(db) == SQLITE_NOMEM ? ENOMEM : EIO,
	    "registry: snapshots: %s", sqlite3_errmsg(db));
}

static const char *
comma(int i)
{
	return i > 0 ? "," : "";
}

/* The last column, where the table is from before it. */
static int
add_last(sqlite3 *db, struct err *err)
{
	const char *name = columns[N_COLUMNS - 1].name;
	char sql[SQL_SIZE];

	if (sqlite3_table_column_metadata(db, NULL, "snapshots", name, NULL,
	    NULL, NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	snprintf(sql, sizeof sql, "ALTER TABLE snapshots ADD COLUMN %s TEXT "
	    "NOT NULL DEFAULT ''", name);
	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 :
	    failed(db, err);
}

int
registry_snapshots_prepare(sqlite3 *db, struct err *err)
{
	char sql[SQL_SIZE] = "CREATE TABLE IF NOT EXISTS snapshots (";
	size_t n = strlen(sql);

	for (int i = 0; i < N_COLUMNS; i++)
		n += (size_t)snprintf(sql + n, sizeof sql - n,
		    "%s %s NOT NULL, ", columns[i].name,
		    columns[i].kind == TEXT ? "TEXT" : "INTEGER");
	snprintf(sql + n, sizeof sql - n,
	    "PRIMARY KEY (id)) STRICT, WITHOUT ROWID");
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return failed(db, err);
	return add_last(db, err);
}

static void
bind(sqlite3_stmt *stmt, const struct snapshot_record *record)
{
	for (int i = 0; i < N_COLUMNS; i++) {
		const char *member = (const char *)record + columns[i].offset;

		if (columns[i].kind == TEXT)
			sqlite3_bind_text(stmt, i + 1, member, -1,
			    SQLITE_STATIC);
		else
			sqlite3_bind_int64(stmt, i + 1, (int64_t)
			    *(const uint64_t *)(const void *)member);
	}
}

int
registry_snapshots_insert(sqlite3 *db, const struct snapshot_record *record,
    struct err *err)
{
	char sql[SQL_SIZE] = "INSERT INTO snapshots VALUES (";
	sqlite3_stmt *stmt = NULL;
	int r = 0;

	for (int i = 0; i < N_COLUMNS; i++)
		snprintf(sql + strlen(sql), sizeof sql - strlen(sql), "%s?%d",
		    comma(i), i + 1);
	snprintf(sql + strlen(sql), sizeof sql - strlen(sql), ")");
	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return failed(db, err);
	bind(stmt, record);
	if (sqlite3_step(stmt) != SQLITE_DONE)
		r = failed(db, err);
	sqlite3_finalize(stmt);
	return r;
}

int
registry_snapshots_delete(sqlite3 *db, const char *id, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int r = 0;

	if (sqlite3_prepare_v2(db, "DELETE FROM snapshots WHERE id = ?", -1,
	    &stmt, NULL) != SQLITE_OK)
		return failed(db, err);
	sqlite3_bind_text(stmt, 1, id, -1, SQLITE_STATIC);
	if (sqlite3_step(stmt) != SQLITE_DONE)
		r = failed(db, err);
	sqlite3_finalize(stmt);
	return r;
}

static void
read_row(sqlite3_stmt *stmt, struct snapshot_record *ret)
{
	for (int i = 0; i < N_COLUMNS; i++) {
		char *member = (char *)ret + columns[i].offset;
		const char *text;

		if (columns[i].kind == NUMBER) {
			*(uint64_t *)(void *)member =
			    (uint64_t)sqlite3_column_int64(stmt, i);
			continue;
		}
		text = (const char *)sqlite3_column_text(stmt, i);
		snprintf(member, columns[i].size, "%s",
		    text != NULL ? text : "");
	}
}

int
registry_snapshots_load(sqlite3 *db,
    int (*found)(const struct snapshot_record *record, void *data,
    struct err *err), void *data, struct err *err)
{
	char sql[SQL_SIZE] = "SELECT ";
	sqlite3_stmt *stmt = NULL;
	int code, r = 0;

	for (int i = 0; i < N_COLUMNS; i++)
		snprintf(sql + strlen(sql), sizeof sql - strlen(sql), "%s%s",
		    comma(i), columns[i].name);
	snprintf(sql + strlen(sql), sizeof sql - strlen(sql),
	    " FROM snapshots ORDER BY id");
	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return failed(db, err);
	while (r == 0 && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct snapshot_record record = {0};

		read_row(stmt, &record);
		r = found(&record, data, err);
	}
	if (r == 0 && code != SQLITE_DONE)
		r = failed(db, err);
	sqlite3_finalize(stmt);
	return r;
}
