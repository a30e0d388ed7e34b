// SPDX-License-Identifier: Apache-2.0
#include "keys/token.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "keys/access.h"
#include "keys/statement.h"

void
token_hash(const struct store *store, const void *text, size_t size,
    uint8_t ret[TOKEN_HASH_BYTES])
{
	crypto_generichash(ret, TOKEN_HASH_BYTES, text, size,
	    store->token_key, sizeof store->token_key);
}

void
token_make(char ret_text[TOKEN_SIZE])
{
	uint8_t secret[TOKEN_BYTES];

	randombytes_buf(secret, sizeof secret);
	memcpy(ret_text, TOKEN_PREFIX, sizeof TOKEN_PREFIX);
	sodium_bin2base64(ret_text + sizeof TOKEN_PREFIX - 1,
	    TOKEN_SIZE - (sizeof TOKEN_PREFIX - 1), secret, sizeof secret,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(secret, sizeof secret);
}

static int
check_terms(const struct token_terms *terms, struct err *err)
{
	if (*terms->name == '\0' || strlen(terms->name) >= STORE_NAME_SIZE)
		return err_set(err, EINVAL, "name: 1 to %d characters",
		    STORE_NAME_SIZE - 1);
	if (*terms->sandbox_id == '\0')
		return 0;
	return access_check(terms->sandbox_id, terms->ttl_ms, err);
}

/* Those that are good for nothing any more stay to be seen while there is. */
static int
make_room(struct store *store, int64_t user_id, int64_t now_ms,
    struct err *err)
{
	int r = statement_check_room(store, STATEMENT_TOKEN_COUNT_OF_USER,
	    user_id, TOKENS_MAX, "tokens", "this user", err);

	if (r != -EDQUOT)
		return r;
	r = statement_step(store, statement_bind(store,
	    STATEMENT_TOKEN_FORGET, "ii", user_id, now_ms), err);
	return r < 0 ? r : statement_check_room(store,
	    STATEMENT_TOKEN_COUNT_OF_USER, user_id, TOKENS_MAX, "tokens",
	    "this user", err);
}

int
token_create(struct store *store, int64_t user_id,
    const struct token_terms *wanted, int64_t now_ms,
    char ret_text[TOKEN_SIZE], struct token *ret, struct err *err)
{
	struct token_terms terms = *wanted;
	uint8_t hash[TOKEN_HASH_BYTES];
	int64_t expires_ms = 0;
	char text[TOKEN_SIZE];
	int r;

	if (terms.sandbox_id == NULL)
		terms.sandbox_id = "";
	r = check_terms(&terms, err);
	if (r < 0)
		return r;
	if (terms.ttl_ms > 0 &&
	    __builtin_add_overflow(now_ms, terms.ttl_ms, &expires_ms))
		return err_set(err, EINVAL, "ttl: too long");
	r = statement_step(store, statement_bind(store,
	    STATEMENT_TOKEN_EXPIRE, "i", now_ms), err);
	if (r == 0)
		r = make_room(store, user_id, now_ms, err);
	if (r < 0)
		return r;
	token_make(text);
	token_hash(store, text, strlen(text), hash);
	r = statement_step(store, statement_bind(store, STATEMENT_TOKEN_ADD,
	    "isbiisiiiii", user_id, terms.name, (const void *)hash, sizeof hash,
	    now_ms, expires_ms, terms.sandbox_id, (int64_t)terms.rights,
	    (int64_t)terms.scopes, (int64_t)terms.limits.body_max_bytes,
	    (int64_t)terms.limits.time_max_s,
	    (int64_t)terms.limits.per_second_max), err);
	if (r < 0)
		return err_wrap(err, "token %s", terms.name);
	memcpy(ret_text, text, TOKEN_SIZE);
	sodium_memzero(text, sizeof text);
	*ret = (struct token){.id = sqlite3_last_insert_rowid(store->db),
	    .created_ms = now_ms, .expires_ms = expires_ms,
	    .rights = terms.rights, .scopes = terms.scopes,
	    .limits = terms.limits};
	snprintf(ret->name, sizeof ret->name, "%s", terms.name);
	snprintf(ret->sandbox_id, sizeof ret->sandbox_id, "%s",
	    terms.sandbox_id);
	return 0;
}

int
token_list(struct store *store, int64_t user_id,
    int (*each)(void *arg, const struct token *token), void *arg,
    struct err *err)
{
	auto_statement sqlite3_stmt *stmt =
	    statement_bind(store, STATEMENT_TOKEN_LIST, "i", user_id);
	int r;

	while ((r = statement_step(store, stmt, err)) > 0) {
		struct token token = {.id = sqlite3_column_int64(stmt, 0),
		    .created_ms = sqlite3_column_int64(stmt, 2),
		    .expires_ms = sqlite3_column_int64(stmt, 3),
		    .last_used_ms = sqlite3_column_int64(stmt, 4),
		    .revoked_ms = sqlite3_column_int64(stmt, 5),
		    .rights = (uint32_t)sqlite3_column_int64(stmt, 7),
		    .scopes = (uint32_t)sqlite3_column_int64(stmt, 8)};

		token_limits_read(stmt, 9, &token.limits);

		statement_text(stmt, 1, token.name, sizeof token.name);
		statement_text(stmt, 6, token.sandbox_id,
		    sizeof token.sandbox_id);
		r = each(arg, &token);
		if (r != 0)
			return r;
	}
	return r;
}

int
token_revoke(struct store *store, int64_t user_id, int64_t id,
    int64_t now_ms, struct err *err)
{
	auto_statement sqlite3_stmt *stmt = statement_bind(store,
	    STATEMENT_TOKEN_REVOKE, "iii", user_id, id, now_ms);
	int r = statement_step(store, stmt, err);

	if (r == 0)
		return err_set(err, ENOENT, "no token %lld", (long long)id);
	/* RETURNING gives its row first; the change ends with the last step. */
	return r < 0 ? r : statement_step(store, stmt, err);
}
