// SPDX-License-Identifier: Apache-2.0
/* Creates in any minute: to the last, not of others, and when it goes on. */
#include "sandboxd/door/creates.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static struct creates *creates;
static struct err err;

static int
take(const char *org, uint64_t most, uint64_t now_ms)
{
	err = (struct err){0};
	return creates_take(&creates, org, most, now_ms, &err);
}

int
main(void)
{
	assert(take("acme", 3, 1000) == 0);
	assert(take("acme", 3, 2000) == 0);
	assert(take("evil", 1, 2000) == 0);
	assert(take("evil", 1, 2000) == -EDQUOT);
	assert(take("acme", 3, 2500) == 0);
	assert(creates_count(creates, "acme", 2500) == 3);
	assert(creates_count(creates, "none", 2500) == 0);
	/* The first leaves the window at 61 s. */
	assert(take("acme", 3, 11500) == -EDQUOT && err.retry_s == 50);
	assert(strcmp(err.text, "max_creates_per_minute: organisation acme "
	    "may make 3 in 60 s and has made 3; try again in 50 s") == 0);
	/* A limit that was lowered waits for more to leave: all three. */
	assert(take("acme", 1, 12500) == -EDQUOT && err.retry_s == 50);
	assert(take("acme", 0, 12500) == 0);
	assert(take("acme", 3, 60999) == -EDQUOT && err.retry_s == 2);
	assert(take("acme", 3, 62001) == 0);
	assert(take("acme", 3, 62001) == -EDQUOT);
	/* All organisations together, and what is said then. */
	for (unsigned i = 0; i < CREATES_MAX; i++)
		assert(take("many", 0, 200000) == 0);
	assert(take("acme", 0, 200001) == -EAGAIN && err.retry_s == 60);
	assert(take("acme", 0, 260000) == 0);
	creates_free(creates);
	return 0;
}
