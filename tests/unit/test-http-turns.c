// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/service/turns.h"

#include <assert.h>
#include <string.h>

static char seen[32], letters[] = "abcolf";

static void
come(void *arg)
{
	strncat(seen, arg, 1);
}

static void
test_in_order(void)
{
	struct turn a = {0}, b = {0}, c = {0}, other = {0}, life = {0};

	seen[0] = '\0';
	turn_wait(&a, "sb_000000000000", 1, come, &letters[0]);
	turn_wait(&b, "sb-000000000000", 1, come, &letters[1]);
	turn_wait(&c, "sb_000000000000", 1, come, &letters[2]);
	turn_wait(&other, "sb_000000000001", 1, come, &letters[3]);
	turn_wait(&life, "sb_000000000000", 2, come, &letters[4]);
	assert(strcmp(seen, "aol") == 0);
	/* One that has gone is left out, and goes twice. */
	turn_leave(&b);
	turn_leave(&b);
	assert(strcmp(seen, "aol") == 0);
	turn_leave(&a);
	assert(strcmp(seen, "aolc") == 0);
	turn_leave(&c);
	turn_leave(&other);
	turn_leave(&life);
	assert(strcmp(seen, "aolc") == 0);
}

/* A turn that comes may leave at once. */
static struct turn chain[3];

static void
come_and_leave(void *arg)
{
	struct turn *turn = arg;

	strcat(seen, "x");
	turn_leave(turn);
}

static void
test_leaving_at_once(void)
{
	struct turn first = {0};

	seen[0] = '\0';
	turn_wait(&first, "sb_000000000000", 1, come, &letters[5]);
	for (size_t i = 0; i < sizeof chain / sizeof *chain; i++)
		turn_wait(&chain[i], "sb_000000000000", 1, come_and_leave,
		    &chain[i]);
	assert(strcmp(seen, "f") == 0);
	turn_leave(&first);
	assert(strcmp(seen, "fxxx") == 0);
	turn_wait(&first, "sb_000000000000", 1, come, &letters[5]);
	assert(strcmp(seen, "fxxxf") == 0);
	turn_leave(&first);
}

static void
test_none(void)
{
	struct turn none = {0};

	turn_leave(&none);
}

int
main(void)
{
	test_in_order();
	test_leaving_at_once();
	test_none();
	return 0;
}
