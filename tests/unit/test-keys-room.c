// SPDX-License-Identifier: Apache-2.0
/* Nobody fills the store: each kind of row has its most. */
#include <errno.h>
#include <string.h>

#include "keys/access.h"
#include "keys/statement.h"
#include "keys/token.h"
#include "keys/user.h"
#include "keys_fixture.h"

/* The first of each, as every store has. */
#define ORG_ID	1
#define USER_ID 1

static struct err err;

static int
add_token(struct store *store, struct token *ret)
{
	const struct token_terms terms = {.name = "ci"};
	char text[TOKEN_SIZE];

	return token_create(store, USER_ID, &terms, FIXTURE_NOW_MS, text, ret,
	    &err);
}

/* Puts in n rows at once; the SQL has a number of each, i. */
static void
fill(struct store *store, int n, const char *into, const char *values)
{
	char sql[512];

	snprintf(sql, sizeof sql, "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL "
	    "SELECT i + 1 FROM c WHERE i < %d) INSERT INTO %s SELECT %s "
	    "FROM c", n, into, values);
	assert(statement_run(store, sql, &err) == 0);
}

/* What has ended gives way to what is new; what is good does not. */
static void
test_tokens(struct store *store)
{
	struct token token;

	fill(store, TOKENS_MAX - 1, "token (user_id, name, hash, created_ms)",
	    "1, 'ci', randomblob(32), 0");
	assert(add_token(store, &token) == 0);
	assert(add_token(store, &token) == -EDQUOT);
	assert(strcmp(err.text, "tokens: this user has 10000, which is the "
	    "most; remove one") == 0);
	assert(token_revoke(store, USER_ID, token.id, FIXTURE_NOW_MS, &err) ==
	    0);
	assert(add_token(store, &token) == 0);
	assert(add_token(store, &token) == -EDQUOT);
}

static int
grant(struct store *store, int64_t now_ms)
{
	int64_t expires_ms;

	return access_grant(store, USER_ID, "sb_k3v9x2m7q4tz", FIXTURE_KEY, 0,
	    60000, now_ms, &expires_ms, &err);
}

static void
test_access(struct store *store)
{
	fill(store, ACCESS_MAX - 1, "ssh_access (user_id, sandbox_id, "
	    "fingerprint, created_ms, expires_ms)",
	    "1, 'sb_k3v9x2m7q4tz', i, 0, 1700000060000");
	assert(grant(store, FIXTURE_NOW_MS) == 0);
	assert(grant(store, FIXTURE_NOW_MS) == -EDQUOT);
	assert(grant(store, FIXTURE_NOW_MS + 60000) == 0);
}

static void
test_users(struct store *store)
{
	int64_t id;

	fill(store, USERS_MAX - 1, "user (id, org_id, name, created_ms)",
	    "i + 1, 1, 'u' || i, 0");
	assert(user_add(store, ORG_ID, "bob", ROLE_MEMBER, FIXTURE_NOW_MS, &id,
	    &err) == -EDQUOT);
	assert(user_remove(store, USER_ID, &err) == 0);
	assert(user_add(store, ORG_ID, "bob", ROLE_MEMBER, FIXTURE_NOW_MS, &id,
	    &err) == 0);
}

int
main(void)
{
	char dir[PATH_MAX];
	struct store *store;

	fixture_make(dir);
	store = fixture_open(dir);
	test_tokens(store);
	test_access(store);
	test_users(store);
	store_close(store);
	fixture_remove(dir);
	return 0;
}
