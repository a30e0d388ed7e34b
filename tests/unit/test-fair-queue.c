// SPDX-License-Identifier: Apache-2.0
/* Who comes next, where several organisations have jobs waiting. */
#include "sandboxd/recipe/fair_queue.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static struct fair_queue queue;

static void
add(const char *org, unsigned number)
{
	struct job job = {.slot = number};

	snprintf(job.org, sizeof job.org, "%s", org);
	assert(fair_queue_add(&queue, &job) == 0);
}

/* The next is the one of that organisation with that number. */
static void
expect(const char *org, unsigned number)
{
	struct job job;

	assert(fair_queue_take(&queue, &job));
	assert(strcmp(job.org, org) == 0 && job.slot == number);
}

static void
expect_none(void)
{
	struct job job;

	assert(!fair_queue_take(&queue, &job));
}

/* One alone is served in order. */
static void
test_one(void)
{
	expect_none();
	for (unsigned i = 0; i < 5; i++)
		add("a", i);
	for (unsigned i = 0; i < 5; i++)
		expect("a", i);
	expect_none();
}

/* Forty of one do not delay the first of another. */
static void
test_many(void)
{
	for (unsigned i = 0; i < 40; i++)
		add("a", i);
	expect("a", 0);
	add("b", 0);
	add("c", 0);
	add("b", 1);
	expect("a", 1);
	expect("b", 0);
	expect("c", 0);
	expect("a", 2);
	expect("b", 1);
	for (unsigned i = 3; i < 40; i++)
		expect("a", i);
	expect_none();
}

/* Who has nothing waiting for a moment does not come before his turn. */
static void
test_returns(void)
{
	add("a", 0);
	add("b", 0);
	add("b", 1);
	expect("a", 0);
	add("a", 1);
	expect("b", 0);
	expect("a", 1);
	expect("b", 1);
	expect_none();
}

/* No name is a name: what a predecessor left belongs to nobody. */
static void
test_nobody(void)
{
	add("", 0);
	add("", 1);
	add("a", 0);
	expect("", 0);
	expect("a", 0);
	add("a", 1);
	fair_queue_fini(&queue);
	expect_none();
	fair_queue_fini(&queue);
}

int
main(void)
{
	test_one();
	test_many();
	test_returns();
	test_nobody();
	return 0;
}
