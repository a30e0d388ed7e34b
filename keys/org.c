// SPDX-License-Identifier: Apache-2.0
#include "keys/org.h"

#include <errno.h>

#include "common/parse.h"
#include "keys/statement.h"

int
org_add(struct store *store, const char *name, int64_t now_ms,
    int64_t *ret_id, struct err *err)
{
	int r;

	if (!name_is_valid(name))
		return err_set(err, EINVAL, "organisation: a name is 1 to 63 "
		    "of a-z 0-9 _ . - and begins with a letter or digit");
	r = statement_step(store, statement_bind(store, STATEMENT_ORG_ADD,
	    "si", name, now_ms), err);
	if (r < 0)
		return err_wrap(err, "organisation %s", name);
	*ret_id = sqlite3_last_insert_rowid(store->db);
	return 0;
}

/* Steps a statement that has one row where the organisation exists. */
static int
step_existing(struct store *store, sqlite3_stmt *stmt, const char *name,
    struct err *err)
{
	int r = statement_step(store, stmt, err);

	if (r == 0)
		return err_set(err, ENOENT, "no organisation %s", name);
	return r < 0 ? r : 0;
}

int
org_find(struct store *store, const char *name, int64_t *ret_id,
    struct err *err)
{
	auto_statement sqlite3_stmt *stmt =
	    statement_bind(store, STATEMENT_ORG_FIND, "s", name);
	int r = step_existing(store, stmt, name, err);

	if (r < 0)
		return r;
	*ret_id = sqlite3_column_int64(stmt, 0);
	return 0;
}

int
org_is_recorded(struct store *store, const char *name, bool *ret,
    struct err *err)
{
	auto_statement sqlite3_stmt *stmt =
	    statement_bind(store, STATEMENT_ORG_IS_RECORDED, "s", name);
	int r = step_existing(store, stmt, name, err);

	if (r < 0)
		return r;
	*ret = sqlite3_column_int(stmt, 0) != 0;
	return 0;
}

int
org_set_recorded(struct store *store, const char *name, bool is_recorded,
    struct err *err)
{
	auto_statement sqlite3_stmt *stmt = statement_bind(store,
	    STATEMENT_ORG_SET_RECORDED, "si", name, (int64_t)is_recorded);

	return step_existing(store, stmt, name, err);
}
