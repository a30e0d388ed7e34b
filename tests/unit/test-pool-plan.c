// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/pool_plan.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static void
test_good(void)
{
	struct pool_plan plan;
	struct err err = {0};

	assert(pool_plan_read("", &plan, &err) == 0 && plan.n == 0);
	assert(pool_plan_read("  base:8   node-20.1:0 x:1024 ", &plan,
	    &err) == 0);
	assert(plan.n == 3);
	assert(strcmp(plan.rows[0].template_name, "base") == 0);
	assert(plan.rows[0].wanted == 8);
	assert(strcmp(plan.rows[1].template_name, "node-20.1") == 0);
	assert(plan.rows[1].wanted == 0);
	assert(plan.rows[2].wanted == 1024);
}

static void
test_bad(void)
{
	static const char *const words[] = {"base", "base:", ":1", "base:-1",
	    "base:1025", "base:99999", "base:1 base:2", "Base:1", "base:1x",
	    "../x:1", "base:0x1", "base:1:2"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		struct pool_plan plan;
		struct err err = {0};

		assert(pool_plan_read(words[i], &plan, &err) == -EINVAL);
		assert(strncmp(err.text, "pool: \"", 7) == 0);
	}
}

static void
test_too_many(void)
{
	char text[512] = "";
	struct pool_plan plan;
	struct err err = {0};

	for (int i = 0; i < POOL_TEMPLATES_MAX; i++) {
		char word[] = {(char)('a' + i % 26), (char)('a' + i / 26),
		    ':', '1', ' ', '\0'};

		strcat(text, word);
	}
	assert(pool_plan_read(text, &plan, &err) == 0);
	assert(plan.n == POOL_TEMPLATES_MAX);
	strcat(text, "one-more:1");
	assert(pool_plan_read(text, &plan, &err) == -EINVAL);
}

/* Some room is never the pool's, and what others take it gives back. */
static void
test_room(void)
{
	assert(pool_plan_room(1000, 0) == 875);
	assert(pool_plan_room(1000, 800) == 75);
	assert(pool_plan_room(1000, 875) == 0);
	assert(pool_plan_room(1000, 1000) == 0);
	assert(pool_plan_room(4, 0) == 3);
	assert(pool_plan_room(4, 2) == 1);
	assert(pool_plan_room(1, 0) == 0);
}

int
main(void)
{
	test_good();
	test_bad();
	test_too_many();
	test_room();
	return 0;
}
