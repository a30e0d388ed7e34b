// SPDX-License-Identifier: Apache-2.0
#include "keys/user.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/parse.h"
#include "keys/statement.h"

int
user_add(struct store *store, int64_t org_id, const char *name,
    int64_t now_ms, int64_t *ret_id, struct err *err)
{
	int r;

	if (!name_is_valid(name))
		return err_set(err, EINVAL, "user: a name is 1 to 63 of "
		    "a-z 0-9 _ . - and begins with a letter or digit");
	r = statement_step(store, statement_bind(store, STATEMENT_USER_ADD,
	    "isi", org_id, name, now_ms), err);
	if (r < 0)
		return err_wrap(err, "user %s", name);
	*ret_id = sqlite3_last_insert_rowid(store->db);
	return 0;
}

int
user_find(struct store *store, const char *org, const char *name,
    int64_t *ret_id, struct err *err)
{
	auto_statement sqlite3_stmt *stmt =
	    statement_bind(store, STATEMENT_USER_FIND, "ss", org, name);
	int r = statement_step(store, stmt, err);

	if (r < 0)
		return r;
	if (r == 0)
		return err_set(err, ENOENT, "no user %s@%s", name, org);
	*ret_id = sqlite3_column_int64(stmt, 0);
	return 0;
}

int
user_check(struct store *store, int64_t user_id, struct err *err)
{
	auto_statement sqlite3_stmt *stmt =
	    statement_bind(store, STATEMENT_USER_GET, "i", user_id);
	int r = statement_step(store, stmt, err);

	if (r < 0)
		return r;
	return r > 0 ? 0 : err_set(err, ENOENT, "the user is no more");
}

int
user_name(struct store *store, const char *org, int64_t user_id,
    char ret[STORE_NAME_SIZE], struct err *err)
{
	auto_statement sqlite3_stmt *stmt =
	    statement_bind(store, STATEMENT_USER_GET, "i", user_id);
	int r = statement_step(store, stmt, err);

	if (r < 0)
		return r;
	if (r == 0 || strcmp((const char *)sqlite3_column_text(stmt, 0),
	    org) != 0)
		return err_set(err, ENOENT, "the user is no more");
	snprintf(ret, STORE_NAME_SIZE, "%s",
	    (const char *)sqlite3_column_text(stmt, 1));
	return 0;
}
