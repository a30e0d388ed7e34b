// SPDX-License-Identifier: Apache-2.0
#include "keys/agent.h"

#include <errno.h>
#include <string.h>

#include "keys/org.h"
#include "keys/user.h"
#include "keys_fixture.h"

static char dir[PATH_MAX];
static struct err err;
static struct agent agent, got;
static unsigned n_seen;

static int
see(void *arg, const struct agent *seen)
{
	(void)arg;
	assert(seen->system[0] == '\0' && seen->tools[0] == '\0');
	got = *seen;
	n_seen++;
	return 0;
}

static unsigned
count(struct store *store, const char *org)
{
	n_seen = 0;
	assert(agent_list(store, org, see, NULL, &err) == 0);
	return n_seen;
}

static void
make(int64_t user_id)
{
	agent = (struct agent){.user_id = user_id, .name = "Data Analyst",
	    .model = "m", .tools = "[]", .created_ms = FIXTURE_NOW_MS};
	memset(agent.system, 's', sizeof agent.system - 1);
}

static void
test_life(struct store *store, int64_t user_id)
{
	make(user_id);
	assert(agent_add(store, &agent, &err) == 0);
	assert(count(store, STORE_DEFAULT_ORG) == 1 && got.id == agent.id);
	assert(strcmp(got.name, "Data Analyst") == 0);
	assert(strcmp(got.user, STORE_DEFAULT_USER) == 0);
	assert(got.created_ms == FIXTURE_NOW_MS);
	assert(agent_get(store, STORE_DEFAULT_ORG, agent.id, &got, &err) == 0);
	assert(strcmp(got.system, agent.system) == 0);
	assert(strcmp(got.tools, "[]") == 0 && strcmp(got.model, "m") == 0);
	/* Another organisation's is none. */
	assert(count(store, "red") == 0);
	assert(agent_get(store, "red", agent.id, &got, &err) == -ENOENT);
	assert(agent_remove(store, agent.id, &err) == 0);
	assert(agent_remove(store, agent.id, &err) == -ENOENT);
	assert(count(store, STORE_DEFAULT_ORG) == 0);
}

static void
test_bounds(struct store *store)
{
	int64_t org_id, user_id;

	assert(org_add(store, "red", FIXTURE_NOW_MS, &org_id, &err) == 0);
	assert(user_add(store, org_id, "ana", ROLE_MEMBER, FIXTURE_NOW_MS,
	    &user_id, &err) == 0);
	make(user_id);
	for (int i = 0; i < AGENTS_MAX; i++)
		assert(agent_add(store, &agent, &err) == 0);
	assert(agent_add(store, &agent, &err) == -EDQUOT);
	assert(strstr(err.text, "100") != NULL);
	/* They go with who made them. */
	assert(user_remove(store, user_id, &err) == 0);
	assert(count(store, "red") == 0);
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
