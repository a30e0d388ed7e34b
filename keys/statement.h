// SPDX-License-Identifier: Apache-2.0
/* Private to keys/: the open store and its prepared statements. */
#pragma once

#include <sodium.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

#include "keys/store.h"

#define STORE_TOKEN_KEY_SIZE crypto_generichash_KEYBYTES

/* Logins noted between two flushes; more overwrite the oldest. */
#define STORE_USES_MAX 256

enum statement {
	STATEMENT_ORG_ADD,
	STATEMENT_ORG_FIND,
	STATEMENT_ORG_WAS_REMOVED,
	STATEMENT_ORG_GET,
	STATEMENT_ORG_LIST,
	STATEMENT_ORG_SET_RECORDED,
	STATEMENT_ORG_SET_OWN_ONLY,
	STATEMENT_ORG_SET_QUOTA,
	STATEMENT_ORG_SET_CEILING,
	STATEMENT_ORG_REMOVE,
	STATEMENT_USER_ADD,
	STATEMENT_USER_COUNT,
	STATEMENT_USER_FIND,
	STATEMENT_USER_GET,
	STATEMENT_USER_LIST,
	STATEMENT_USER_SET_ROLE,
	STATEMENT_USER_REMOVE,
	STATEMENT_USER_KEY_ADD,
	STATEMENT_USER_KEY_COUNT,
	STATEMENT_USER_KEY_LIST,
	STATEMENT_USER_KEY_REMOVE,
	STATEMENT_USER_KEY_USED,
	STATEMENT_TOKEN_ADD,
	STATEMENT_TOKEN_COUNT_OF_USER,
	STATEMENT_TOKEN_EXPIRE,
	STATEMENT_TOKEN_FORGET,
	STATEMENT_TOKEN_COUNT,
	STATEMENT_TOKEN_LIST,
	STATEMENT_TOKEN_REVOKE,
	STATEMENT_TOKEN_USED,
	STATEMENT_ACCESS_ADD,
	STATEMENT_ACCESS_COUNT,
	STATEMENT_ACCESS_EXPIRE,
	STATEMENT_CA_ADD,
	STATEMENT_CA_COUNT,
	STATEMENT_CA_LIST,
	STATEMENT_CA_REMOVE,
	STATEMENT_CA_FINGERPRINT,
	STATEMENT_REVOCATION_ADD,
	STATEMENT_REVOCATION_COUNT,
	STATEMENT_REVOCATION_LIST,
	STATEMENT_REVOCATION_REMOVE,
	STATEMENT_SERVICE_PUT,
	STATEMENT_SERVICE_FIND,
	STATEMENT_SERVICE_LIST,
	STATEMENT_SERVICE_COUNT,
	STATEMENT_SERVICE_REMOVE,
	STATEMENT_SERVICE_FORGET,
	STATEMENT_SERVICE_SANDBOXES,
	STATEMENT_PREVIEW_ADD,
	STATEMENT_PREVIEW_RENEW,
	STATEMENT_PREVIEW_LIST,
	STATEMENT_PREVIEW_COUNT,
	STATEMENT_PREVIEW_REMOVE,
	STATEMENT_PREVIEW_FORGET,
	STATEMENT_PREVIEW_EXPIRE,
	STATEMENT_PREVIEW_VERIFY,
	STATEMENT_WEBHOOK_ADD,
	STATEMENT_WEBHOOK_COUNT,
	STATEMENT_WEBHOOK_LIST,
	STATEMENT_WEBHOOK_REMOVE,
	STATEMENT_WEBHOOK_MARK,
	STATEMENT_AGENT_ADD,
	STATEMENT_AGENT_COUNT,
	STATEMENT_AGENT_LIST,
	STATEMENT_AGENT_GET,
	STATEMENT_AGENT_REMOVE,
	STATEMENT_VERIFY_KEY,
	STATEMENT_VERIFY_TOKEN,
	STATEMENT_VERIFY_TOKEN_ID,
	STATEMENT_VERIFY_CA,
	STATEMENT_VERIFY_REVOCATION,
	N_STATEMENT
};

struct store_use {
	enum statement statement; /* a ..._USED row */
	int64_t id;
	int64_t when_ms;
};

struct store {
	sqlite3 *db;
	sqlite3_stmt *statements[N_STATEMENT];
	uint8_t token_key[STORE_TOKEN_KEY_SIZE];
	struct store_use uses[STORE_USES_MAX];
	size_t n_uses;
	size_t next_use; /* where the next one goes once it is full */
};

/* Prepares every statement; the schema must be up to date. 0 or -errno. */
int statement_prepare_all(struct store *store, struct err *err);

/*
 * The statement, reset, its parameters bound from `types`: one letter a
 * parameter, i = int64_t, s = const char *, b = const void * and size_t.
 * Ranges must live until the statement is done with.
 */
sqlite3_stmt *statement_bind(struct store *store, enum statement statement,
    const char *types, ...);

/*
 * Steps. 1 = a row, 0 = done; at the end or on failure the statement is reset.
 * -EEXIST for a broken uniqueness, -EIO with SQLite's words otherwise.
 */
int statement_step(struct store *store, sqlite3_stmt *stmt, struct err *err);

/* The number that a statement of one, which has been bound, comes to. 0 or
 * -EIO. */
int statement_count(struct store *store, sqlite3_stmt *stmt, int64_t *ret,
    struct err *err);

/*
 * Whether another row may be added: `counting` is a ..._COUNT row, which takes
 * whose they are. 0, or -EDQUOT: "LIMIT: WHOSE has MAX, which is the most;
 * remove one", and the limit is the cause.
 */
int statement_check_room(struct store *store, enum statement counting,
    int64_t owner_id, int64_t max, const char *limit,
    const char *whose, struct err *err);

/* Copies a text column to ret[size], cut where it does not fit. */
void statement_text(sqlite3_stmt *stmt, int column, char *ret, size_t size);

/* Runs SQL that takes no parameters and returns no rows. */
int statement_run(struct store *store, const char *sql, struct err *err);

/* Resets a statement that was left before its last row; NULL is accepted. */
static inline void
statement_reset(sqlite3_stmt **stmt)
{
	if (*stmt != NULL)
		(void)sqlite3_reset(*stmt);
}
#define auto_statement __attribute__((cleanup(statement_reset)))
