// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/door/creates.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandboxd/lifecycle/sandbox.h"

struct creation {
	char org[NAME_SIZE];
	uint64_t at_ms;
};

/* A ring, the oldest first. */
struct creates {
	size_t first, n;
	struct creation ring[CREATES_MAX];
};

static struct creation *
at(struct creates *creates, size_t i)
{
	return &creates->ring[(creates->first + i) % CREATES_MAX];
}

static void
forget_old(struct creates *creates, uint64_t now_ms)
{
	while (creates->n > 0 &&
	    at(creates, 0)->at_ms + CREATES_WINDOW_MS <= now_ms) {
		creates->first = (creates->first + 1) % CREATES_MAX;
		creates->n--;
	}
}

static unsigned
wait_s(const struct creation *oldest, uint64_t now_ms)
{
	return (unsigned)((oldest->at_ms + CREATES_WINDOW_MS - now_ms + 999) /
	    1000);
}

/* With `used` of an organisation in the window, it goes on once all but
 * most - 1 of them are out of it. */
static int
refuse(struct creates *creates, const char *org, uint64_t most, uint64_t used,
    uint64_t now_ms, struct err *err)
{
	uint64_t excess = used - most + 1;
	unsigned retry_s = 0;

	for (size_t i = 0; i < creates->n && excess > 0; i++)
		if (strcmp(at(creates, i)->org, org) == 0 && --excess == 0)
			retry_s = wait_s(at(creates, i), now_ms);
	err_set(err, EDQUOT, "max_creates_per_minute: organisation %s may "
	    "make %llu in 60 s and has made %llu; try again in %u s", org,
	    (unsigned long long)most, (unsigned long long)used, retry_s);
	(void)err_cause(err, "max_creates_per_minute");
	return err_retry(err, retry_s);
}

static int
refuse_all(struct creates *creates, uint64_t now_ms, struct err *err)
{
	const unsigned retry_s = wait_s(at(creates, 0), now_ms);

	err_set(err, EAGAIN, "this host makes at most %d sandboxes in 60 s; "
	    "try again in %u s", CREATES_MAX, retry_s);
	return err_retry(err, retry_s);
}

uint64_t
creates_count(struct creates *creates, const char *org, uint64_t now_ms)
{
	uint64_t used = 0;

	if (creates == NULL)
		return 0;
	forget_old(creates, now_ms);
	for (size_t i = 0; i < creates->n; i++)
		used += strcmp(at(creates, i)->org, org) == 0;
	return used;
}

int
creates_take(struct creates **ret, const char *org, uint64_t most,
    uint64_t now_ms, struct err *err)
{
	struct creates *creates = *ret;
	uint64_t used;

	if (creates == NULL)
		creates = *ret = calloc(1, sizeof *creates);
	if (creates == NULL)
		return err_set(err, ENOMEM, "no memory");
	used = most != 0 ? creates_count(creates, org, now_ms) : 0;
	forget_old(creates, now_ms);
	if (most != 0 && used >= most)
		return refuse(creates, org, most, used, now_ms, err);
	if (creates->n == CREATES_MAX)
		return refuse_all(creates, now_ms, err);
	snprintf(at(creates, creates->n)->org, NAME_SIZE, "%s", org);
	at(creates, creates->n)->at_ms = now_ms;
	creates->n++;
	return 0;
}

void
creates_free(struct creates *creates)
{
	free(creates);
}
