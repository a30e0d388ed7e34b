// SPDX-License-Identifier: Apache-2.0
#include "keys/verify.h"

#include <errno.h>
#include <string.h>

#include "keys/access.h"
#include "keys/org.h"
#include "keys/ssh_key.h"
#include "keys/user.h"
#include "keys/user_key.h"
#include "keys_fixture.h"

#define SANDBOX_A "sb_aaaaaaaaaaaa"
#define SANDBOX_B "sb_bbbbbbbbbbbb"

static char dir[PATH_MAX];
static struct err err;
static struct identities found;
static struct ssh_key key;

static size_t
holders(struct store *store, const char *sandbox_id, int64_t now_ms)
{
	assert(verify_ssh_key(store, key.blob, key.blob_size, sandbox_id,
	    now_ms, &found, &err) == 0);
	return found.n;
}

static void
test_access(struct store *store, int64_t user_id)
{
	int64_t expires_ms;

	assert(access_grant(store, user_id, SANDBOX_A, FIXTURE_KEY, 0, 999,
	    FIXTURE_NOW_MS, &expires_ms, &err) == -EINVAL);
	assert(access_grant(store, user_id, "sb_x", FIXTURE_KEY, 0, 1000,
	    FIXTURE_NOW_MS, &expires_ms, &err) == -EINVAL);
	assert(access_grant(store, user_id, SANDBOX_A, FIXTURE_KEY, 9, 60000,
	    FIXTURE_NOW_MS, &expires_ms, &err) == 0);
	assert(expires_ms == FIXTURE_NOW_MS + 60000);
	assert(holders(store, SANDBOX_A, FIXTURE_NOW_MS) == 1);
	assert(found.rows[0].credential == CREDENTIAL_ACCESS);
	assert(found.rows[0].rights == 9);
	assert(strcmp(found.rows[0].sandbox_id, SANDBOX_A) == 0);
	assert(holders(store, SANDBOX_B, FIXTURE_NOW_MS) == 0);
	assert(holders(store, SANDBOX_A, expires_ms) == 0);
	assert(access_expire(store, expires_ms, &err) == 0);
	assert(holders(store, SANDBOX_A, FIXTURE_NOW_MS) == 0);
}

/* One key may be held by users of several organisations. */
static void
test_two_holders(struct store *store, int64_t user_id)
{
	int64_t org_id, other_id;
	struct user_key row;

	assert(org_add(store, "other", FIXTURE_NOW_MS, &org_id, &err) == 0);
	assert(user_add(store, org_id, "ana", ROLE_MEMBER, FIXTURE_NOW_MS,
	    &other_id, &err) == 0);
	assert(user_key_add(store, user_id, "a", FIXTURE_KEY, FIXTURE_NOW_MS,
	    &row, &err) == 0);
	assert(user_key_add(store, other_id, "b", FIXTURE_KEY, FIXTURE_NOW_MS,
	    &row, &err) == 0);
	assert(holders(store, SANDBOX_B, FIXTURE_NOW_MS) == 2);
	assert(found.rows[0].credential == CREDENTIAL_SSH_KEY);
	assert(found.rows[0].sandbox_id[0] == '\0');
	assert(strcmp(found.rows[1].org, "other") == 0);
	verify_note_use(store, &found.rows[1], FIXTURE_NOW_MS + 1);
	assert(store_flush(store, &err) == 0);
	assert(user_key_remove(store, user_id, row.id, &err) == -ENOENT);
	assert(user_key_remove(store, other_id, row.id, &err) == 0);
	assert(holders(store, SANDBOX_B, FIXTURE_NOW_MS) == 1);
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
	assert(ssh_key_parse(FIXTURE_KEY, &key, &err) == 0);
	assert(holders(store, SANDBOX_A, FIXTURE_NOW_MS) == 0);
	test_access(store, user_id);
	test_two_holders(store, user_id);
	store_close(store);
	fixture_remove(dir);
	return 0;
}
