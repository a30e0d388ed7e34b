// SPDX-License-Identifier: Apache-2.0
/* What is kept of creates that may be asked for again is bounded, and whose. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "sandboxd/lifecycle/repeats.h"

static struct daemon host = {.settings = {.tombstone_keep_s = 3600}};

static struct sandbox_record
ended(const char *org, uint64_t owner_id, unsigned n)
{
	struct sandbox_record record = {.owner_id = owner_id};

	record.created_ms = clock_unix_ms();
	record.ended_ms = record.created_ms;
	snprintf(record.org, sizeof record.org, "%s", org);
	snprintf(record.id, sizeof record.id, "sb_%s%u", org, n);
	snprintf(record.request_key, sizeof record.request_key, "key%u", n);
	snprintf(record.request_body, sizeof record.request_body, "body");
	return record;
}

static int
find(const char *org, uint64_t owner_id, unsigned n, const char *body)
{
	struct sandbox_record wanted = ended(org, owner_id, n);
	char id[SANDBOX_ID_SIZE] = "";
	struct err err;
	int r;

	snprintf(wanted.request_body, sizeof wanted.request_body, "%s", body);
	r = repeats_find(&host, &wanted, id, &err);
	assert((r == 1) == (strcmp(id, wanted.id) == 0));
	return r;
}

int
main(void)
{
	struct sandbox_record one = ended("a", 1, 0), none = ended("a", 1, 1);

	assert(find("a", 1, 0, "body") == 0);
	repeats_note(&host, &one);
	assert(find("a", 1, 0, "body") == 1);
	assert(find("a", 1, 0, "other") == -EEXIST);
	assert(find("a", 2, 0, "body") == 0);
	assert(find("b", 1, 0, "body") == 0);

	/* What had no key, or whose time is over, is not there. */
	none.request_key[0] = '\0';
	repeats_note(&host, &none);
	none = ended("a", 1, 2);
	none.created_ms -= REPEAT_KEEP_MS;
	repeats_note(&host, &none);
	assert(find("a", 1, 2, "body") == 0);
	none = ended("a", 1, 3);
	none.ended_ms -= 3600 * 1000;
	repeats_note(&host, &none);
	assert(find("a", 1, 3, "body") == 0);

	/* The oldest go, and no other organisation's. */
	for (unsigned n = 0; n <= REPEATS_MAX; n++) {
		one = ended("b", 1, n);
		repeats_note(&host, &one);
	}
	assert(find("b", 1, 0, "body") == 0);
	assert(find("b", 1, 1, "body") == 1);
	assert(find("b", 1, REPEATS_MAX, "body") == 1);
	assert(find("a", 1, 0, "body") == 1);

	/* Where tombstones are not kept there is nothing to tell. */
	host.settings.tombstone_keep_s = 0;
	assert(find("b", 1, 1, "body") == 0);
	one = ended("c", 1, 1);
	repeats_note(&host, &one);
	assert(find("c", 1, 1, "body") == 0);
	repeats_free(host.repeats);
	return 0;
}
