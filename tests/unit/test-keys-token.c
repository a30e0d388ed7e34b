// SPDX-License-Identifier: Apache-2.0
#include "keys/token.h"

#include <errno.h>
#include <string.h>

#include "keys/sandbox_token.h"
#include "keys/user.h"
#include "keys/verify.h"
#include "keys_fixture.h"

static char dir[PATH_MAX];
static struct err err;
static struct identities found;
static struct token seen;

static size_t
holders(struct store *store, const char *text, int64_t now_ms)
{
	assert(verify_token(store, text, strlen(text), now_ms, &found,
	    &err) == 0);
	return found.n;
}

static int
keep_last(void *arg, const struct token *token)
{
	(void)arg;
	seen = *token;
	return 0;
}

static void
test_sandbox_tokens(const struct store *store)
{
	static const char *const ids[] = {"sb_k3v9x2m7q4tz",
	    "sb_0123456789abcdefghjkmnpqrstv"};
	char text[SANDBOX_TOKEN_SIZE], other[SANDBOX_TOKEN_SIZE];
	char id[SANDBOX_ID_SIZE] = "";
	int64_t token_id = 0;

	for (size_t i = 0; i < 2; i++) {
		sandbox_token_make(store, ids[i], INT64_MAX, text);
		sandbox_token_make(store, ids[i], 7, other);
		assert(sandbox_token_is_one(text) && strcmp(text, other) != 0);
		assert(sandbox_token_read(store, other, id, &token_id));
		assert(strcmp(id, ids[i]) == 0 && token_id == 7);
		assert(sandbox_token_read(store, text, id, &token_id));
		assert(token_id == INT64_MAX);
		/* Every byte of it counts, and its end. */
		for (size_t at = 0; text[at] != '\0'; at++) {
			char was = text[at];

			text[at] = was == 'A' ? 'B' : 'A';
			assert(!sandbox_token_read(store, text, id,
			    &token_id));
			text[at] = '\0';
			assert(!sandbox_token_read(store, text, id,
			    &token_id));
			text[at] = was;
		}
		strcat(text, "A");
		assert(!sandbox_token_read(store, text, id, &token_id));
	}
	assert(!sandbox_token_read(store, "sga_k3v9x2m7q4tz_007_", id,
	    &token_id));
	assert(!sandbox_token_read(store, "", id, &token_id));
	assert(strcmp(id, ids[1]) == 0);
}

static int
keep_limits(void *arg, const struct token *token)
{
	*(struct token_limits *)arg = token->limits;
	return 0;
}

static void
test_limits(struct store *store, int64_t user_id)
{
	const struct token_limits makers = {100, 0, 5};
	struct token_limits limits = {0}, kept;
	struct token_terms_now now;
	char text[TOKEN_SIZE];
	struct token token;

	assert(token_limits_inherit(&makers, &limits, &err) == 0);
	assert(limits.body_max_bytes == 100 && limits.time_max_s == 0 &&
	    limits.per_second_max == 5);
	limits = (struct token_limits){99, UINT64_MAX, 6};
	assert(token_limits_inherit(&makers, &limits, &err) == -EACCES);
	assert(strncmp(err.text, "max_rate: more than", 19) == 0);
	limits = (struct token_limits){99, UINT64_MAX, 1};
	assert(token_limits_inherit(&makers, &limits, &err) == 0);
	assert(token_create(store, user_id, &(struct token_terms){"ci",
	    .limits = limits}, FIXTURE_NOW_MS, text, &token, &err) == 0);
	assert(verify_token_id(store, token.id, FIXTURE_NOW_MS, &now,
	    &err) == 0);
	assert(now.limits.body_max_bytes == 99 &&
	    now.limits.time_max_s == INT64_MAX &&
	    now.limits.per_second_max == 1);
	assert(token_list(store, user_id, keep_limits, &kept, &err) == 0);
	assert(kept.body_max_bytes == 99 && kept.per_second_max == 1);
	assert(token_revoke(store, user_id, token.id, FIXTURE_NOW_MS,
	    &err) == 0);
}

static void
test_life(struct store *store, int64_t user_id)
{
	char text[TOKEN_SIZE], other[TOKEN_SIZE];
	struct token token, second;
	struct token_terms_now now;

	assert(token_create(store, user_id, &(struct token_terms){""},
	    FIXTURE_NOW_MS, text, &token, &err) == -EINVAL);
	assert(token_create(store, user_id, &(struct token_terms){"ci",
	    .ttl_ms = 5000, .scopes = SCOPE_READ | SCOPE_EXEC},
	    FIXTURE_NOW_MS, text, &token, &err) == 0);
	assert(token_create(store, user_id, &(struct token_terms){"ci"},
	    FIXTURE_NOW_MS, other, &second, &err) == 0);
	assert(strlen(text) == 46 && strncmp(text, TOKEN_PREFIX, 3) == 0);
	assert(strcmp(text, other) != 0);

	assert(holders(store, text, FIXTURE_NOW_MS + 4999) == 1);
	assert(strcmp(found.rows[0].org, STORE_DEFAULT_ORG) == 0);
	assert(strcmp(found.rows[0].user, STORE_DEFAULT_USER) == 0);
	assert(found.rows[0].standing.role == ROLE_ADMIN);
	assert(found.rows[0].standing.scopes == (SCOPE_READ | SCOPE_EXEC));
	assert(holders(store, text, FIXTURE_NOW_MS + 5000) == 0);
	assert(verify_token_id(store, token.id, FIXTURE_NOW_MS, &now,
	    &err) == 0 && now.expires_ms == token.expires_ms);
	assert(now.scopes == (SCOPE_READ | SCOPE_EXEC));
	assert(verify_token_id(store, token.id, FIXTURE_NOW_MS + 5000, &now,
	    &err) == -EACCES);
	assert(holders(store, "sg_", FIXTURE_NOW_MS) == 0);
	assert(holders(store, "", FIXTURE_NOW_MS) == 0);

	assert(holders(store, other, FIXTURE_NOW_MS * 2) == 1);
	verify_note_use(store, &found.rows[0], FIXTURE_NOW_MS + 7);
	assert(token_list(store, user_id, keep_last, NULL, &err) == 0);
	assert(seen.id == second.id && seen.last_used_ms == 0);
	assert(store_flush(store, &err) == 0);
	assert(token_list(store, user_id, keep_last, NULL, &err) == 0);
	assert(seen.last_used_ms == FIXTURE_NOW_MS + 7);

	assert(token_revoke(store, user_id + 1, second.id, FIXTURE_NOW_MS,
	    &err) == -ENOENT);
	assert(token_revoke(store, user_id, second.id, FIXTURE_NOW_MS + 8,
	    &err) == 0);
	assert(token_revoke(store, user_id, second.id, FIXTURE_NOW_MS + 9,
	    &err) == 0);
	assert(holders(store, other, FIXTURE_NOW_MS) == 0);
	assert(token_list(store, user_id, keep_last, NULL, &err) == 0);
	assert(seen.revoked_ms == FIXTURE_NOW_MS + 8);
}

/* A token for one sandbox: short-lived, narrow, and gone once it is over. */
static void
test_one_sandbox(struct store *store, int64_t user_id)
{
	struct token_terms terms = {"guest", "sb_4fz1k8q2m9xw", 5, 0,
	    60000};
	char text[TOKEN_SIZE];
	struct token token;
	int64_t first;

	assert(token_create(store, user_id, &terms, FIXTURE_NOW_MS, text,
	    &token, &err) == 0);
	first = token.id;
	assert(holders(store, text, FIXTURE_NOW_MS) == 1);
	assert(strcmp(found.rows[0].sandbox_id, terms.sandbox_id) == 0);
	assert(found.rows[0].rights == 5);
	assert(token_list(store, user_id, keep_last, NULL, &err) == 0);
	assert(seen.id == first && seen.rights == 5 &&
	    strcmp(seen.sandbox_id, terms.sandbox_id) == 0);
	assert(token_create(store, user_id, &terms, FIXTURE_NOW_MS + 60000,
	    text, &token, &err) == 0);
	assert(token_revoke(store, user_id, first, FIXTURE_NOW_MS, &err) ==
	    -ENOENT);
	terms.ttl_ms = 0;
	assert(token_create(store, user_id, &terms, FIXTURE_NOW_MS, text,
	    &token, &err) == -EINVAL);
	terms = (struct token_terms){"guest", "sb_x", 5, 60000};
	assert(token_create(store, user_id, &terms, FIXTURE_NOW_MS, text,
	    &token, &err) == -EINVAL);
}

/* Without its secret a store with tokens refuses to open. */
static void
test_missing_key(void)
{
	char path[PATH_MAX + 16];
	struct store *store = NULL;

	snprintf(path, sizeof path, "%s/token.key", dir);
	assert(unlink(path) == 0);
	assert(store_open(dir, FIXTURE_NOW_MS, &store, &err) == -ENOENT);
	assert(strstr(err.text, "token.key is missing") != NULL);
}

int
main(void)
{
	struct store *store;
	int64_t user_id;

	fixture_make(dir);
	store = fixture_open(dir);
	assert(user_find(store, STORE_DEFAULT_ORG, STORE_DEFAULT_USER,
	    &user_id, &err) == 0);
	test_sandbox_tokens(store);
	test_life(store, user_id);
	test_limits(store, user_id);
	test_one_sandbox(store, user_id);
	store_close(store);
	test_missing_key();
	fixture_remove(dir);
	return 0;
}
