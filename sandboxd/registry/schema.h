// SPDX-License-Identifier: Apache-2.0
/*
 * The registry's table as common/sandbox.def has it: what its columns are, how
 * a record's members get into them and back, and the versions it has had.
 */
#pragma once

#include <sqlite3.h>

#include "sandboxd/lifecycle/sandbox.h"

#define SCHEMA_SQL_SIZE 2048

/* The statements on it; the n-th parameter is the n-th column. */
enum schema_statement {
	SCHEMA_INSERT,
	SCHEMA_UPDATE, /* of what can change, of the row with that id */
	SCHEMA_DELETE, /* of the row with that id */
	SCHEMA_LOAD,   /* all columns of all rows, in order of id */
	N_SCHEMA_STATEMENTS
};

/* The version of this program's schema. */
int schema_version(void);

/* Writes the SQL that brings a database of this version to the next one. */
void schema_migration(int version, char sql[SCHEMA_SQL_SIZE]);

/* Writes the SQL of a statement. */
void schema_write(enum schema_statement which, char sql[SCHEMA_SQL_SIZE]);

/* Binds what a statement uses of a record, which must outlive its run. */
void schema_bind(enum schema_statement which, sqlite3_stmt *stmt,
    const struct sandbox_record *record);

/*
 * Fills *ret from a row of SCHEMA_LOAD; its env is the caller's. -EPROTO for
 * a state this program does not know, -ENOMEM.
 */
int schema_read(sqlite3_stmt *stmt, struct sandbox_record *ret,
    struct err *err);
