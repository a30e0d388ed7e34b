// SPDX-License-Identifier: Apache-2.0
#include "keys/org.h"

#include <errno.h>

#include "common/parse.h"
#include "keys/statement.h"

static const char *const limit_names[N_ORG_LIMIT] = {
#define ORG_LIMIT(NAME, name, ...) [ORG_##NAME] = #name,
#include "common/org_limit.def"
};

int
org_was_removed(struct store *store, const char *name, struct err *err)
{
	auto_statement sqlite3_stmt *stmt =
	    statement_bind(store, STATEMENT_ORG_WAS_REMOVED, "s", name);

	return statement_step(store, stmt, err);
}

/* What is kept of one that was removed must not become another's. */
static int
check_unused(struct store *store, const char *name, struct err *err)
{
	int r = org_was_removed(store, name, err);

	if (r <= 0)
		return r;
	return err_set(err, EEXIST, "name: %s was an organisation that has "
	    "been removed, of which records are kept; choose another", name);
}

int
org_add(struct store *store, const char *name, int64_t now_ms,
    int64_t *ret_id, struct err *err)
{
	int r;

	if (!name_is_valid(name))
		return err_set(err, EINVAL, "name: 1 to 63 of a-z 0-9 _ . -, "
		    "the first a letter or digit");
	r = check_unused(store, name, err);
	if (r < 0)
		return r;
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

static void
read_org(sqlite3_stmt *stmt, struct org *ret)
{
	*ret = (struct org){.id = sqlite3_column_int64(stmt, 0),
	    .created_ms = sqlite3_column_int64(stmt, 2),
	    .is_recorded = sqlite3_column_int(stmt, 3) != 0,
	    .is_own_only = sqlite3_column_int(stmt, 4) != 0,
	    .n_users = (uint32_t)sqlite3_column_int(stmt, 5)};
	statement_text(stmt, 1, ret->name, sizeof ret->name);
	for (int i = 0; i < N_ORG_LIMIT; i++) {
		ret->quotas[i] = (uint64_t)sqlite3_column_int64(stmt,
		    6 + 2 * i);
		ret->ceilings[i] = (uint64_t)sqlite3_column_int64(stmt,
		    7 + 2 * i);
	}
}

uint64_t
org_limit(const struct org *org, enum org_limit limit)
{
	const uint64_t quota = org->quotas[limit];
	const uint64_t ceiling = org->ceilings[limit];

	return quota == 0 || (ceiling != 0 && ceiling < quota) ? ceiling :
	    quota;
}

const char *
org_limit_name(enum org_limit limit)
{
	return limit_names[limit];
}

int
org_get(struct store *store, const char *name, struct org *ret,
    struct err *err)
{
	auto_statement sqlite3_stmt *stmt =
	    statement_bind(store, STATEMENT_ORG_GET, "s", name);
	int r = step_existing(store, stmt, name, err);

	if (r == 0)
		read_org(stmt, ret);
	return r;
}

int
org_list(struct store *store,
    int (*each)(void *arg, const struct org *org), void *arg,
    struct err *err)
{
	auto_statement sqlite3_stmt *stmt =
	    statement_bind(store, STATEMENT_ORG_LIST, "");
	int r;

	while ((r = statement_step(store, stmt, err)) > 0) {
		struct org org;

		read_org(stmt, &org);
		r = each(arg, &org);
		if (r != 0)
			return r;
	}
	return r;
}

/* Steps a change that returns a row where the organisation exists; it ends
 * with the last step. */
static int
change(struct store *store, sqlite3_stmt *changing, const char *name,
    struct err *err)
{
	auto_statement sqlite3_stmt *stmt = changing;
	int r = step_existing(store, stmt, name, err);

	return r < 0 ? r : statement_step(store, stmt, err);
}

int
org_set_recorded(struct store *store, const char *name, bool is_recorded,
    struct err *err)
{
	return change(store, statement_bind(store, STATEMENT_ORG_SET_RECORDED,
	    "si", name, (int64_t)is_recorded), name, err);
}

int
org_set_own_only(struct store *store, const char *name, bool is_own_only,
    struct err *err)
{
	return change(store, statement_bind(store, STATEMENT_ORG_SET_OWN_ONLY,
	    "si", name, (int64_t)is_own_only), name, err);
}

int
org_set_quota(struct store *store, const char *name, enum org_limit limit,
    uint64_t value, struct err *err)
{
	struct org org;
	int r = org_get(store, name, &org, err);

	if (r < 0)
		return r;
	if (org.ceilings[limit] != 0 && (value == 0 ||
	    value > org.ceilings[limit]))
		return err_set(err, ERANGE, "at most %llu, as the operator "
		    "of this host lets %s", (unsigned long long)
		    org.ceilings[limit], name);
	return change(store, statement_bind(store, STATEMENT_ORG_SET_QUOTA,
	    "ssi", name, limit_names[limit], (int64_t)value), name, err);
}

int
org_set_ceiling(struct store *store, const char *name, enum org_limit limit,
    uint64_t value, struct err *err)
{
	return change(store, statement_bind(store, STATEMENT_ORG_SET_CEILING,
	    "ssi", name, limit_names[limit], (int64_t)value), name, err);
}

int
org_remove(struct store *store, const char *name, struct err *err)
{
	return change(store, statement_bind(store, STATEMENT_ORG_REMOVE, "s",
	    name), name, err);
}
