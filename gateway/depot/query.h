// SPDX-License-Identifier: Apache-2.0
/* Private to the index: its prepared statements. */
#pragma once

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/depot/index.h"

enum query {
	QUERY_DISK_COUNT,
	QUERY_FULLEST,
	QUERY_DISK_ADD,
	QUERY_DISK_GET,
	QUERY_DISK_NAMED,
	QUERY_DISK_LIST,
	QUERY_DISK_LIST_NEWEST,
	QUERY_DISK_TOUCH,
	QUERY_DISK_REMOVE,
	QUERY_ROOM,
	QUERY_PUT,
	QUERY_GET,
	QUERY_SET_META,
	QUERY_REMOVE,
	QUERY_LIST,
	QUERY_FOLDER_AFTER,
	QUERY_GLOB,
	QUERY_NEXT_TEXT,
	QUERY_HAS_CONTENT,
	QUERY_HISTORY_PUT,
	QUERY_HISTORY_LIST,
	QUERY_HISTORY_LIST_NEWEST,
	QUERY_HISTORY_TRIM,
	QUERY_HISTORY_FORGET,
	QUERY_DEED_ADD,
	QUERY_DEED_TRIM,
	QUERY_NEXT_ORG,
	QUERY_FORGET,
	N_QUERY
};

struct index {
	sqlite3 *db;
	sqlite3_stmt *queries[N_QUERY];
	int lock_fd; /* of the one that writes; -1 = of another */
};

/* Prepares all; the schema must be there. */
int query_prepare_all(struct index *index, struct err *err);
void query_finalize_all(struct index *index);

/*
 * The statement, reset, its parameters bound from `types`: one letter each,
 * i = int64_t, s = const char *, whose texts must live as long as it is used.
 */
sqlite3_stmt *query_bind(struct index *index, enum query query,
    const char *types, ...);

/* 1 = a row, 0 = done; then, and on failure (-EIO, -ENOSPC), it is reset. */
int query_step(struct index *index, sqlite3_stmt *stmt, struct err *err);

/* Binds nothing and returns nothing. */
int query_run(struct index *index, const char *sql, struct err *err);

/* A text column, never NULL; until the next step. */
const char *query_text(sqlite3_stmt *stmt, int column);

/* Ends a transaction, well (r = 0) or not: r, or why it did not end. */
int query_finish(struct index *index, int r, struct err *err);

/* What ?2 is of those that look for what somebody may know of. */
static inline const char *
query_owner(const struct scope *scope)
{
	return scope->is_own_only ? scope->owner : NULL;
}

static inline void
query_reset(sqlite3_stmt **stmt)
{
	if (*stmt != NULL)
		(void)sqlite3_reset(*stmt);
}
#define auto_query __attribute__((cleanup(query_reset)))
