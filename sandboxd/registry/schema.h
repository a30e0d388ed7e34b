// SPDX-License-Identifier: Apache-2.0
/*
 * The registry's tables as common/sandbox.def has them: their columns, how
 * a record's members get into them and back, and the versions it has had.
 */
#pragma once

#include <sqlite3.h>

#include "sandboxd/lifecycle/sandbox.h"

#define SCHEMA_SQL_SIZE 8192

/* The statements on it; the n-th parameter is the n-th column, unless it says
 * otherwise. */
enum schema_statement {
	SCHEMA_INSERT,
	SCHEMA_UPDATE, /* of what can change, of the row with that id */
	SCHEMA_UPDATE_APART, /* of what changes by itself, likewise */
	SCHEMA_DELETE, /* of the row with that id */
	SCHEMA_LOAD,   /* all columns of all rows, in order of id */
	/* What is told of tombstones whose requests had keys, of those made
	 * since ?1; the first to end is the first. */
	SCHEMA_LOAD_REPEATS,
	SCHEMA_ENTOMB, /* what is told of it, into tombstones */
	SCHEMA_TRIM,   /* ?1 org: its oldest tombstones beyond ?2 */
	SCHEMA_SWEEP,  /* at most ?2 tombstones of before ?1 */
	SCHEMA_FIND,   /* ?1 org, ?2 id, ?3 ended since */
	SCHEMA_LIST,   /* ?1 org, ?2 ids after, ?3 ended since, ?4 at most */
	SCHEMA_EVENT_ADD, /* ?1 at_ms, org, sandbox_id, owner_id, is_private,
			   * kind, actor, cause */
	SCHEMA_EVENT_TRIM, /* ?1 sandbox: its oldest beyond ?2 */
	SCHEMA_EVENT_TRIM_ORG, /* ?1 org: likewise */
	/* ?1 org, ?2 sandbox, ?3 since, ?4 owner, ?5 reach, ?6 after this id,
	 * ?7 ",kinds,", ?8 at most; of one, of all, and the newest of each */
	SCHEMA_EVENT_LIST_ONE,
	SCHEMA_EVENT_LIST_ORG,
	SCHEMA_EVENT_TAIL_ONE,
	SCHEMA_EVENT_TAIL_ORG,
	SCHEMA_EVENT_FEED, /* ?6 to ?8 alone, of every organisation */
	/* ?1 to ?6 and ?8: ends of times that sandboxes ran, of one where ?2 is
	 * not ""; the cause is when that began, and the cause of that */
	SCHEMA_EVENT_USAGE,
	SCHEMA_EVENT_LAST, /* the newest id that there ever was */
	N_SCHEMA_STATEMENTS
};

/* The version of this program's schema. */
int schema_version(void);

/* Writes the SQL that brings a database of this version, 0 for a new one, to a
 * later one, which is returned. */
int schema_migration(int version, char sql[SCHEMA_SQL_SIZE]);

/* Writes the SQL of a statement. */
void schema_write(enum schema_statement which, char sql[SCHEMA_SQL_SIZE]);

/* Binds what a statement uses of a record, which must outlive its run. */
void schema_bind(enum schema_statement which, sqlite3_stmt *stmt,
    const struct sandbox_record *record);

/*
 * Fills *ret from a row of SCHEMA_LOAD, or of another that has tombstones,
 * where what is not told stays 0; the caller frees it by
 * sandbox_record_fini. -EPROTO for a state this program does not know, -ENOMEM.
 */
int schema_read(enum schema_statement which, sqlite3_stmt *stmt,
    struct sandbox_record *ret, struct err *err);
