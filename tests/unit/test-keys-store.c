// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>

#include "keys/org.h"
#include "keys/user.h"
#include "keys/user_key.h"
#include "keys_fixture.h"

static char dir[PATH_MAX], path[PATH_MAX + 16];
static struct err err;

static void
check_mode(const char *name)
{
	struct stat st;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	assert(stat(path, &st) == 0 && (st.st_mode & 07777) == 0600);
}

static void
test_organisations(struct store *store)
{
	int64_t org_id, user_id, again;
	struct user user;

	assert(user_find(store, STORE_DEFAULT_ORG, STORE_DEFAULT_USER,
	    &user_id, &err) == 0);
	assert(user_get(store, user_id, &user, &err) == 0);
	assert(strcmp(user.org, STORE_DEFAULT_ORG) == 0);
	assert(user.role == ROLE_ADMIN && !user.is_own_only);
	assert(user_get(store, 999, &user, &err) == -ENOENT);
	assert(org_find(store, "other", &org_id, &err) == -ENOENT);
	assert(org_add(store, "other", FIXTURE_NOW_MS, &org_id, &err) == 0);
	assert(org_add(store, "other", FIXTURE_NOW_MS, &again, &err) ==
	    -EEXIST);
	assert(org_add(store, "Bad name", FIXTURE_NOW_MS, &again, &err) ==
	    -EINVAL);
	assert(user_add(store, org_id, "ana", ROLE_MEMBER, FIXTURE_NOW_MS,
	    &user_id, &err) == 0);
	assert(user_add(store, org_id, "ana", ROLE_MEMBER, FIXTURE_NOW_MS,
	    &again, &err) == -EEXIST);
	assert(user_find(store, STORE_DEFAULT_ORG, "ana", &again, &err) ==
	    -ENOENT);
}

static int
count(void *arg, const struct user_key *key)
{
	(void)key;
	++*(int *)arg;
	return 0;
}

static void
test_keys(struct store *store)
{
	struct user_key key;
	int64_t user_id, other_id;
	int n = 0;

	assert(user_find(store, STORE_DEFAULT_ORG, STORE_DEFAULT_USER,
	    &user_id, &err) == 0);
	assert(user_find(store, "other", "ana", &other_id, &err) == 0);
	assert(user_key_add(store, user_id, "", FIXTURE_KEY " ana's key",
	    FIXTURE_NOW_MS, &key, &err) == 0);
	assert(strcmp(key.name, "ana's key") == 0);
	assert(user_key_add(store, user_id, "again", FIXTURE_KEY,
	    FIXTURE_NOW_MS, &key, &err) == -EEXIST);
	assert(user_key_list(store, user_id, count, &n, &err) == 0 && n == 1);
	assert(user_key_list(store, other_id, count, &n, &err) == 0 && n == 1);
	/* Another user's key is not there at all. */
	assert(user_key_remove(store, other_id, key.id, &err) == -ENOENT);
	assert(user_key_remove(store, user_id, key.id, &err) == 0);
	assert(user_key_remove(store, user_id, key.id, &err) == -ENOENT);
}

static const char version_2[] =
    "DROP TRIGGER user_removed; DROP TRIGGER org_removed;"
    "DROP TABLE last_user; DROP TABLE removed_org; DROP TABLE webhook;"
    "DROP TABLE agent; DROP INDEX ssh_access_user;"
    "DROP TABLE service; DROP TABLE preview;"
    "ALTER TABLE org DROP COLUMN is_own_only;"
#define ORG_LIMIT(NAME, name, ...)                                             \
	"ALTER TABLE org DROP COLUMN quota_" #name ";"                         \
	"ALTER TABLE org DROP COLUMN ceiling_" #name ";"
#include "common/org_limit.def"
    "ALTER TABLE user DROP COLUMN role;"
    "ALTER TABLE token DROP COLUMN scopes;"
    "ALTER TABLE token DROP COLUMN body_max_bytes;"
    "ALTER TABLE token DROP COLUMN time_max_s;"
    "ALTER TABLE token DROP COLUMN per_second_max;"
    "PRAGMA user_version = 2;";

/* Of a store of the version before roles, all users stay able to do all. */
static void
test_older_version(void)
{
	struct store *store;
	struct user user;
	struct org org;
	int64_t id;
	sqlite3 *db;

	snprintf(path, sizeof path, "%s/keys.db", dir);
	assert(sqlite3_open(path, &db) == SQLITE_OK);
	assert(sqlite3_exec(db, version_2, NULL, NULL, NULL) == SQLITE_OK);
	assert(sqlite3_close(db) == SQLITE_OK);
	store = fixture_open(dir);
	assert(user_find(store, "other", "ana", &id, &err) == 0);
	assert(user_get(store, id, &user, &err) == 0);
	assert(user.role == ROLE_ADMIN && !user.is_own_only);
	assert(org_get(store, "other", &org, &err) == 0);
	assert(org.n_users == 1 && !org.is_own_only);
	store_close(store);
}

static void
test_one_key(struct store *store, int64_t first, int64_t second)
{
	struct user_key key;

	assert(user_key_add(store, first, "", FIXTURE_KEY, FIXTURE_NOW_MS,
	    &key, &err) == 0);
	assert(user_key_add(store, second, "", FIXTURE_KEY, FIXTURE_NOW_MS,
	    &key, &err) == -EEXIST);
}

/* Neither the number of a user nor anything of an organisation comes back. */
static void
test_removal(struct store *store)
{
	struct org org;
	struct user user;
	int64_t org_id, first, second, again;

	assert(org_add(store, "brief", FIXTURE_NOW_MS, &org_id, &err) == 0);
	assert(user_add(store, org_id, "eva", ROLE_VIEWER, FIXTURE_NOW_MS,
	    &first, &err) == 0);
	assert(user_set_role(store, first, ROLE_ADMIN, &err) == 0);
	assert(user_get(store, first, &user, &err) == 0);
	assert(user.role == ROLE_ADMIN && strcmp(user.org, "brief") == 0);
	assert(user_remove(store, first, &err) == 0);
	assert(user_remove(store, first, &err) == -ENOENT);
	assert(user_set_role(store, first, ROLE_ADMIN, &err) == -ENOENT);
	assert(user_add(store, org_id, "eva", ROLE_VIEWER, FIXTURE_NOW_MS,
	    &second, &err) == 0);
	assert(second > first);
	assert(org_set_ceiling(store, "brief", ORG_DISK, 100, &err) == 0);
	assert(org_set_quota(store, "brief", ORG_DISK, 101, &err) == -ERANGE);
	assert(org_set_quota(store, "brief", ORG_DISK, 0, &err) == -ERANGE);
	assert(org_set_quota(store, "brief", ORG_DISK, 60, &err) == 0);
	assert(org_get(store, "brief", &org, &err) == 0);
	assert(org_limit(&org, ORG_DISK) == 60);
	assert(org_limit(&org, ORG_MEMORY) == 0);
	for (unsigned i = 0; i < N_ORG_LIMIT; i++)
		assert(org_set_ceiling(store, "brief", (enum org_limit)i,
		    200 + i, &err) == 0);
	assert(org_get(store, "brief", &org, &err) == 0);
	for (unsigned i = 0; i < N_ORG_LIMIT; i++)
		assert(org.ceilings[i] == 200 + i);
	assert(org_set_ceiling(store, "brief", ORG_DISK, 50, &err) == 0);
	assert(org_get(store, "brief", &org, &err) == 0);
	assert(org_limit(&org, ORG_DISK) == 50);
	assert(org_set_own_only(store, "brief", true, &err) == 0);
	assert(org_get(store, "brief", &org, &err) == 0);
	assert(org.is_own_only && !org.is_recorded && org.n_users == 1);
	assert(org_was_removed(store, "brief", &err) == 0);
	assert(org_remove(store, "brief", &err) == 0);
	assert(org_remove(store, "brief", &err) == -ENOENT);
	assert(org_was_removed(store, "brief", &err) == 1);
	assert(user_get(store, second, &user, &err) == -ENOENT);
	assert(org_add(store, "brief", FIXTURE_NOW_MS, &again, &err) ==
	    -EEXIST);
	assert(org_add(store, "next", FIXTURE_NOW_MS, &again, &err) == 0);
	assert(again > org_id);
	assert(user_add(store, again, "eva", ROLE_VIEWER, FIXTURE_NOW_MS,
	    &first, &err) == 0);
	assert(first > second);
	/* The same key twice in an organisation would be whose it is not. */
	assert(user_add(store, again, "ada", ROLE_VIEWER, FIXTURE_NOW_MS,
	    &second, &err) == 0);
	test_one_key(store, first, second);
	assert(org_remove(store, "next", &err) == 0);
}

static void
test_newer_version(void)
{
	struct store *store = NULL;
	sqlite3 *db;

	snprintf(path, sizeof path, "%s/keys.db", dir);
	assert(sqlite3_open(path, &db) == SQLITE_OK);
	assert(sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL,
	    NULL) == SQLITE_OK);
	assert(sqlite3_close(db) == SQLITE_OK);
	assert(store_open(dir, FIXTURE_NOW_MS, &store, &err) == -EPROTO);
	assert(store == NULL);
}

int
main(void)
{
	struct store *store;
	int64_t id;

	fixture_make(dir);
	store = fixture_open(dir);
	check_mode("keys.db");
	check_mode("keys.db-wal");
	check_mode("token.key");
	test_organisations(store);
	test_keys(store);
	store_close(store);
	store = fixture_open(dir);
	assert(user_find(store, "other", "ana", &id, &err) == 0);
	test_removal(store);
	store_close(store);
	test_older_version();
	test_newer_version();
	fixture_remove(dir);
	return 0;
}
