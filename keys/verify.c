// SPDX-License-Identifier: Apache-2.0
#include "keys/verify.h"

#include <errno.h>
#include <string.h>

#include "keys/ssh_key.h"
#include "keys/statement.h"
#include "keys/token.h"

/* Reads {credential, id, user id, org, user, sandbox, rights, recorded, role,
 * scopes, own only}. */
static int
read_identities(struct store *store, sqlite3_stmt *query,
    struct identities *ret, struct err *err)
{
	auto_statement sqlite3_stmt *stmt = query;
	int r;

	ret->n = 0;
	while ((r = statement_step(store, stmt, err)) > 0) {
		struct identity *row;

		if (ret->n == VERIFY_IDENTITIES_MAX)
			return 0;
		row = &ret->rows[ret->n++];
		row->credential =
		    (enum credential)sqlite3_column_int(stmt, 0);
		row->credential_id = sqlite3_column_int64(stmt, 1);
		row->user_id = sqlite3_column_int64(stmt, 2);
		statement_text(stmt, 3, row->org, sizeof row->org);
		statement_text(stmt, 4, row->user, sizeof row->user);
		statement_text(stmt, 5, row->sandbox_id,
		    sizeof row->sandbox_id);
		row->rights = (uint32_t)sqlite3_column_int64(stmt, 6);
		row->is_recorded = sqlite3_column_int(stmt, 7) != 0;
		row->standing = (struct standing){
		    .role = (enum role)sqlite3_column_int(stmt, 8),
		    .scopes = (uint32_t)sqlite3_column_int64(stmt, 9),
		    .is_own_only = sqlite3_column_int(stmt, 10) != 0};
	}
	return r;
}

int
verify_ssh_key(struct store *store, const uint8_t *blob, size_t size,
    const char *sandbox_id, int64_t now_ms, struct identities *ret,
    struct err *err)
{
	char fingerprint[SSH_KEY_FINGERPRINT_SIZE];

	ssh_key_fingerprint(blob, size, fingerprint);
	return read_identities(store, statement_bind(store,
	    STATEMENT_VERIFY_KEY, "sis", fingerprint, now_ms, sandbox_id), ret,
	    err);
}

int
verify_token(struct store *store, const void *text, size_t size,
    int64_t now_ms, struct identities *ret, struct err *err)
{
	uint8_t hash[TOKEN_HASH_BYTES];

	token_hash(store, text, size, hash);
	return read_identities(store, statement_bind(store,
	    STATEMENT_VERIFY_TOKEN, "bi", (const void *)hash, sizeof hash,
	    now_ms), ret, err);
}

int
verify_token_id(struct store *store, int64_t token_id, int64_t now_ms,
    struct token_terms_now *ret, struct err *err)
{
	auto_statement sqlite3_stmt *stmt = statement_bind(store,
	    STATEMENT_VERIFY_TOKEN_ID, "ii", token_id, now_ms);
	int r = statement_step(store, stmt, err);

	if (r < 0)
		return r;
	if (r == 0)
		return err_set(err, EACCES,
		    "the token was revoked or has expired");
	ret->expires_ms = sqlite3_column_int64(stmt, 0);
	ret->scopes = (uint32_t)sqlite3_column_int64(stmt, 1);
	statement_text(stmt, 2, ret->sandbox_id, sizeof ret->sandbox_id);
	ret->user_id = sqlite3_column_int64(stmt, 3);
	token_limits_read(stmt, 4, &ret->limits);
	return 0;
}

void
verify_note_use(struct store *store, const struct identity *identity,
    int64_t now_ms)
{
	struct store_use use = {.id = identity->credential_id,
	    .when_ms = now_ms};

	if (identity->credential == CREDENTIAL_ACCESS ||
	    identity->credential == CREDENTIAL_CERTIFICATE)
		return;
	use.statement = identity->credential == CREDENTIAL_TOKEN ?
	    STATEMENT_TOKEN_USED : STATEMENT_USER_KEY_USED;
	for (size_t i = 0; i < store->n_uses; i++)
		if (store->uses[i].id == use.id &&
		    store->uses[i].statement == use.statement) {
			store->uses[i] = use;
			return;
		}
	store->uses[store->next_use] = use;
	store->next_use = (store->next_use + 1) % STORE_USES_MAX;
	if (store->n_uses < STORE_USES_MAX)
		store->n_uses++;
}
