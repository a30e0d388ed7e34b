// SPDX-License-Identifier: Apache-2.0
#include "keys/webhook.h"

#include <errno.h>
#include <string.h>

#include "keys/org.h"
#include "keys/user.h"
#include "keys_fixture.h"

static char dir[PATH_MAX];
static struct err err;
static struct webhook last;
static unsigned n_seen;

static int
see(void *arg, const struct webhook *webhook)
{
	(void)arg;
	last = *webhook;
	n_seen++;
	return 0;
}

static unsigned
count(struct store *store)
{
	n_seen = 0;
	assert(webhook_list(store, see, NULL, &err) == 0);
	return n_seen;
}

static struct webhook
make(int64_t user_id)
{
	return (struct webhook){.user_id = user_id, .url = "https://a/",
	    .secret = "s", .kinds = "paused,oom",
	    .sandbox_id = "sb_000000000001", .created_ms = FIXTURE_NOW_MS};
}

static void
test_life(struct store *store, int64_t user_id)
{
	struct webhook webhook = make(user_id);
	struct webhook_mark mark = {.cursor = 17};

	assert(webhook_add(store, &webhook, &err) == 0);
	assert(count(store) == 1 && last.id == webhook.id);
	assert(strcmp(last.org, STORE_DEFAULT_ORG) == 0);
	assert(strcmp(last.user, STORE_DEFAULT_USER) == 0);
	assert(strcmp(last.url, webhook.url) == 0);
	assert(strcmp(last.kinds, webhook.kinds) == 0);
	assert(strcmp(last.secret, "s") == 0);
	assert(strcmp(last.sandbox_id, webhook.sandbox_id) == 0);
	assert(last.cursor == 0 && last.created_ms == FIXTURE_NOW_MS);
	mark.id = webhook.id;
	assert(webhook_mark(store, &mark, 1, &err) == 0);
	/* A cursor never goes back. */
	mark.cursor = 16;
	assert(webhook_mark(store, &mark, 1, &err) == 0);
	assert(count(store) == 1 && last.cursor == 17);
	assert(webhook_remove(store, webhook.id, &err) == 0);
	assert(webhook_remove(store, webhook.id, &err) == -ENOENT);
	assert(count(store) == 0);
}

static void
test_bounds(struct store *store)
{
	struct webhook webhook;
	int64_t org_id, user_id;

	assert(org_add(store, "red", FIXTURE_NOW_MS, &org_id, &err) == 0);
	assert(user_add(store, org_id, "ana", ROLE_ADMIN, FIXTURE_NOW_MS,
	    &user_id, &err) == 0);
	webhook = make(user_id);
	for (int i = 0; i < WEBHOOKS_MAX; i++)
		assert(webhook_add(store, &webhook, &err) == 0);
	assert(webhook_add(store, &webhook, &err) == -EDQUOT);
	assert(strstr(err.text, "20") != NULL);
	assert(count(store) == WEBHOOKS_MAX);
	/* They go with who made them. */
	assert(user_remove(store, user_id, &err) == 0);
	assert(count(store) == 0);
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
	test_life(store, user_id);
	test_bounds(store);
	store_close(store);
	fixture_remove(dir);
	return 0;
}
