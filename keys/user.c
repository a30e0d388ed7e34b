// SPDX-License-Identifier: Apache-2.0
#include "keys/user.h"

#include <errno.h>
#include <string.h>

#include "common/parse.h"
#include "keys/statement.h"

#define SANDBOX_ID_PREFIX "sb_"

int
user_add(struct store *store, int64_t org_id, const char *name,
    enum role role, int64_t now_ms, int64_t *ret_id, struct err *err)
{
	int r;

	if (!name_is_valid(name))
		return err_set(err, EINVAL, "name: 1 to 63 of a-z 0-9 _ . -, "
		    "the first a letter or digit");
	/* It would be taken for a sandbox where certificates name either. */
	if (strncmp(name, SANDBOX_ID_PREFIX, sizeof SANDBOX_ID_PREFIX - 1) ==
	    0)
		return err_set(err, EINVAL, "name: begins as the id of a "
		    "sandbox does");
	r = statement_check_room(store, STATEMENT_USER_COUNT, org_id,
	    USERS_MAX, "users", "this organisation", err);
	if (r < 0)
		return r;
	r = statement_step(store, statement_bind(store, STATEMENT_USER_ADD,
	    "isii", org_id, name, (int64_t)role, now_ms), err);
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

static void
read_user(sqlite3_stmt *stmt, struct user *ret)
{
	*ret = (struct user){.id = sqlite3_column_int64(stmt, 0),
	    .org_id = sqlite3_column_int64(stmt, 1),
	    .role = (enum role)sqlite3_column_int(stmt, 4),
	    .is_own_only = sqlite3_column_int(stmt, 5) != 0,
	    .created_ms = sqlite3_column_int64(stmt, 6),
	    .n_keys = (uint32_t)sqlite3_column_int(stmt, 7),
	    .n_tokens = (uint32_t)sqlite3_column_int(stmt, 8)};
	statement_text(stmt, 2, ret->org, sizeof ret->org);
	statement_text(stmt, 3, ret->name, sizeof ret->name);
}

/* Steps a statement that has one row where the user exists. */
static int
step_existing(struct store *store, sqlite3_stmt *stmt, struct err *err)
{
	int r = statement_step(store, stmt, err);

	if (r == 0)
		return err_set(err, ENOENT, "the user is no more");
	return r < 0 ? r : 0;
}

int
user_get(struct store *store, int64_t user_id, struct user *ret,
    struct err *err)
{
	auto_statement sqlite3_stmt *stmt =
	    statement_bind(store, STATEMENT_USER_GET, "i", user_id);
	int r = step_existing(store, stmt, err);

	if (r == 0)
		read_user(stmt, ret);
	return r;
}

int
user_list(struct store *store, const char *org,
    int (*each)(void *arg, const struct user *user), void *arg,
    struct err *err)
{
	auto_statement sqlite3_stmt *stmt =
	    statement_bind(store, STATEMENT_USER_LIST, "s", org);
	int r;

	while ((r = statement_step(store, stmt, err)) > 0) {
		struct user user;

		read_user(stmt, &user);
		r = each(arg, &user);
		if (r != 0)
			return r;
	}
	return r;
}

/* RETURNING gives its row first; the change ends with the last step. */
static int
change(struct store *store, sqlite3_stmt *changing, struct err *err)
{
	auto_statement sqlite3_stmt *stmt = changing;
	int r = step_existing(store, stmt, err);

	return r < 0 ? r : statement_step(store, stmt, err);
}

int
user_set_role(struct store *store, int64_t user_id, enum role role,
    struct err *err)
{
	return change(store, statement_bind(store, STATEMENT_USER_SET_ROLE,
	    "ii", user_id, (int64_t)role), err);
}

int
user_remove(struct store *store, int64_t user_id, struct err *err)
{
	return change(store, statement_bind(store, STATEMENT_USER_REMOVE, "i",
	    user_id), err);
}

int
user_name(struct store *store, const char *org, int64_t user_id,
    char ret[STORE_NAME_SIZE], struct err *err)
{
	struct user user;
	int r = user_get(store, user_id, &user, err);

	if (r == 0 && strcmp(user.org, org) != 0)
		r = err_set(err, ENOENT, "the user is no more");
	if (r == 0)
		memcpy(ret, user.name, STORE_NAME_SIZE);
	return r;
}
