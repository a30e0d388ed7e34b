// SPDX-License-Identifier: Apache-2.0
/* What registry.c and event_log.c know of a registry, and nobody else. */
#pragma once

#include <sqlite3.h>

#include "sandboxd/registry/registry.h"
#include "sandboxd/registry/schema.h"

struct registry {
	sqlite3 *db;
	sqlite3_stmt *statements[N_SCHEMA_STATEMENTS];
	enum registry_durability durability; /* what the pragma says now */
	bool is_in_transaction; /* of registry_begin */
	struct event_limits limits;
};

/* Words and an errno for the last failure of SQLite. */
int registry_failed(const struct registry *registry, const char *what,
    struct err *err);

/* What the next commit is, outside of a transaction. */
int registry_set_durability(struct registry *registry,
    enum registry_durability durability, struct err *err);

/* Runs SQL that returns nothing. */
int registry_execute(struct registry *registry, const char *sql,
    struct err *err);

/* A statement, unbound; the registry's own. -errno where it cannot be prepared:
 * the next time it is tried again. */
int registry_statement(struct registry *registry, enum schema_statement which,
    sqlite3_stmt **ret, struct err *err);

/* Steps a statement that is bound, once, and readies it for the next time. */
int registry_finish(struct registry *registry, enum schema_statement which,
    struct err *err);
