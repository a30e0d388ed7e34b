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
	assert(user_add(store, org_id, "ana", ROLE_MEMBER, FIXTURE_NOW_MS, &user_id,
	    &err) == 0);
	assert(user_add(store, org_id, "ana", ROLE_MEMBER, FIXTURE_NOW_MS, &again, &err) ==
	    -EEXIST);
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
	store_close(store);
	test_newer_version();
	fixture_remove(dir);
	return 0;
}
