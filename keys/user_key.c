// SPDX-License-Identifier: Apache-2.0
#include "keys/user_key.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"
#include "keys/statement.h"

static int
insert(struct store *store, int64_t user_id, const char *label,
    const struct ssh_key *key, int64_t now_ms, struct err *err)
{
	auto_statement sqlite3_stmt *stmt = statement_bind(store,
	    STATEMENT_USER_KEY_ADD, "issbsi", user_id, label, key->algorithm,
	    (const void *)key->blob, key->blob_size, key->fingerprint, now_ms);
	int r = statement_step(store, stmt, err);

	if (r == 0)
		return err_set(err, EEXIST,
		    "is another user's of the same organisation");
	return r < 0 ? r : statement_step(store, stmt, err);
}

int
user_key_add(struct store *store, int64_t user_id, const char *name,
    const char *line, int64_t now_ms, struct user_key *ret, struct err *err)
{
	auto_free struct ssh_key *key = calloc(1, sizeof *key);
	char label[STORE_NAME_SIZE];
	int r;

	if (key == NULL)
		return err_set(err, ENOMEM, "out of memory");
	if (strlen(name) >= sizeof label)
		return err_set(err, EINVAL, "name: longer than %zu characters",
		    sizeof label - 1);
	r = ssh_key_parse(line, key, err);
	if (r < 0)
		return r;
	snprintf(label, sizeof label, "%.*s", STORE_NAME_SIZE - 1,
	    *name != '\0' ? name : key->comment);
	r = statement_check_room(store, STATEMENT_USER_KEY_COUNT, user_id,
	    USER_KEYS_MAX, "keys", "this user", err);
	if (r == 0)
		r = insert(store, user_id, label, key, now_ms, err);
	if (r < 0)
		return err_wrap(err, "key %s", key->fingerprint);
	*ret = (struct user_key){
	    .id = sqlite3_last_insert_rowid(store->db),
	    .created_ms = now_ms};
	memcpy(ret->name, label, sizeof label);
	memcpy(ret->algorithm, key->algorithm, sizeof ret->algorithm);
	memcpy(ret->fingerprint, key->fingerprint, sizeof ret->fingerprint);
	return 0;
}

int
user_key_list(struct store *store, int64_t user_id,
    int (*each)(void *arg, const struct user_key *key), void *arg,
    struct err *err)
{
	auto_statement sqlite3_stmt *stmt =
	    statement_bind(store, STATEMENT_USER_KEY_LIST, "i", user_id);
	int r;

	while ((r = statement_step(store, stmt, err)) > 0) {
		struct user_key key = {.id = sqlite3_column_int64(stmt, 0),
		    .created_ms = sqlite3_column_int64(stmt, 4),
		    .last_used_ms = sqlite3_column_int64(stmt, 5)};

		statement_text(stmt, 1, key.name, sizeof key.name);
		statement_text(stmt, 2, key.algorithm, sizeof key.algorithm);
		statement_text(stmt, 3, key.fingerprint,
		    sizeof key.fingerprint);
		r = each(arg, &key);
		if (r != 0)
			return r;
	}
	return r;
}

int
user_key_remove(struct store *store, int64_t user_id, int64_t id,
    struct err *err)
{
	auto_statement sqlite3_stmt *stmt = statement_bind(store,
	    STATEMENT_USER_KEY_REMOVE, "ii", user_id, id);
	int r = statement_step(store, stmt, err);

	if (r == 0)
		return err_set(err, ENOENT, "no key %lld", (long long)id);
	/* RETURNING gives its row first; the change ends with the last step. */
	return r < 0 ? r : statement_step(store, stmt, err);
}
