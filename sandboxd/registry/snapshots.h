// SPDX-License-Identifier: Apache-2.0
/*
 * The registry's table of snapshots. It is apart from the versions of
 * schema.h: a program that does not know it does not look at it.
 */
#pragma once

#include <sqlite3.h>

#include "common/err.h"
#include "sandboxd/registry/snapshot_record.h"

/* Makes the table where there is none. */
int registry_snapshots_prepare(sqlite3 *db, struct err *err);

/* Adds a row, or removes the one of this id; one that is gone is no error. */
int registry_snapshots_insert(sqlite3 *db,
    const struct snapshot_record *record, struct err *err);
int registry_snapshots_delete(sqlite3 *db, const char *id, struct err *err);

/* Calls found(record, data) for every row; stops at the first negative answer
 * and returns it. */
int registry_snapshots_load(sqlite3 *db,
    int (*found)(const struct snapshot_record *record, void *data,
    struct err *err), void *data, struct err *err);
