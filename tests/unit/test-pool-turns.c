// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/pool_turns.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static void
take(struct pool_turns *turns, const char *org, uint64_t now_ms)
{
	pool_turns_ask(turns, "base", org, now_ms);
	pool_turns_have(turns, "base", org);
}

/* All of it is whose nobody else wants. */
static void
test_alone(void)
{
	struct pool_turns turns = {0};

	for (int i = 0; i < 1000; i++) {
		assert(pool_turns_ask(&turns, "base", "many", 1) == 0);
		pool_turns_have(&turns, "base", "many");
	}
}

static void
test_turns(void)
{
	struct pool_turns turns = {0};

	take(&turns, "one", 1);
	take(&turns, "two", 1);
	for (int i = 0; i < 10; i++)
		take(&turns, "many", 2);
	assert(pool_turns_ask(&turns, "base", "many", 3) == 2);
	assert(pool_turns_ask(&turns, "base", "one", 3) == 0);
	/* As it began with as many as that had, it has had one more. */
	assert(pool_turns_ask(&turns, "base", "two", 3) == 1);
	/* Of another template, and of blanks, it is another turn. */
	assert(pool_turns_ask(&turns, "node", "many", 3) == 0);
	assert(pool_turns_ask(&turns, "", "many", 3) == 0);
}

/* Who comes anew has not saved up all that others had before. */
static void
test_anew(void)
{
	struct pool_turns turns = {0};

	for (int i = 0; i < 100; i++)
		take(&turns, "many", 1);
	assert(pool_turns_ask(&turns, "base", "one", 2) == 0);
	assert(pool_turns_ask(&turns, "base", "many", 2) == 0);
	take(&turns, "many", 2);
	assert(pool_turns_ask(&turns, "base", "many", 2) == 1);
	take(&turns, "one", 3);
	assert(pool_turns_ask(&turns, "base", "many", 3) == 0);
	take(&turns, "one", 3);
	assert(pool_turns_ask(&turns, "base", "one", 3) == 1);
}

/* Who asked long ago keeps nothing from others. */
static void
test_time(void)
{
	struct pool_turns turns = {0};

	take(&turns, "one", 1);
	take(&turns, "many", 1);
	take(&turns, "many", 2);
	assert(pool_turns_ask(&turns, "base", "many", POOL_TURN_MS) == 1);
	assert(pool_turns_ask(&turns, "base", "many", POOL_TURN_MS + 1) == 0);
	assert(turns.n == 1);
}

/* It stays so large, and the newest are in it. */
static void
test_full(void)
{
	struct pool_turns turns = {0};
	char org[64];

	for (unsigned i = 0; i < 3 * POOL_TURNS_MAX; i++) {
		snprintf(org, sizeof org, "org-%u", i);
		pool_turns_ask(&turns, "base", org, 1 + i);
		assert(turns.n <= POOL_TURNS_MAX);
	}
	for (unsigned i = 0; i < 3 * POOL_TURNS_MAX; i++) {
		bool is_there = false;

		snprintf(org, sizeof org, "org-%u", i);
		for (size_t k = 0; k < turns.n; k++)
			is_there |= strcmp(turns.rows[k].org, org) == 0;
		assert(is_there == (i >= 2 * POOL_TURNS_MAX));
	}
}

int
main(void)
{
	test_alone();
	test_turns();
	test_anew();
	test_time();
	test_full();
	return 0;
}
