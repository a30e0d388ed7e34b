// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/demotion.h"

#include <inttypes.h>
#include <string.h>

#include "common/log.h"
#include "sandboxd/host/shared.h"
#include "sandboxd/recipe/usage.h"

/* Time enough for what the last one had to be free again. */
#define DEMOTION_ROUND_MS 1000u

/* Of what all sandboxes may have together this part is to be left: once all of
 * it is in use, one of them is killed for the next page. */
#define DEMOTION_GROUP_PARTS 8

/* Memory that is left, and what of it is to be. */
struct room {
	uint64_t left_bytes, least_bytes;
	const char *reason; /* what is told of one that has to go for it */
};

/* Where the operator says nothing, it is what the host is to keep for itself:
 * once that is touched, sandboxes are about to be killed for want of memory. */
static struct room
room_of_host(const struct daemon *daemon)
{
	const struct ceilings *ceilings = &daemon->runtime.ceilings;
	uint64_t says = daemon->settings.demote_below_bytes;

	return (struct room){shared_memory_available_bytes(),
	    says != 0 ? says :
	    ceilings->host.memory_bytes - ceilings->all_memory_bytes,
	    "the host had little memory left (demote_below)"};
}

/* Below the limit of the group of all sandboxes. */
static struct room
room_of_group(const struct daemon *daemon)
{
	struct room room = {.reason = "all sandboxes together had little "
	    "memory left (host_memory_reserve)"};
	uint64_t limit_bytes;

	if (usage_read_room(&daemon->runtime, &room.left_bytes,
	    &limit_bytes) == 0)
		room.least_bytes = limit_bytes / DEMOTION_GROUP_PARTS;
	return room;
}

static struct sandbox *
longest_paused(const struct sandbox_table *table)
{
	struct sandbox *longest = NULL;

	for (size_t i = 0; i < table->n; i++) {
		struct sandbox *sandbox = table->sorted[i];

		if (sandbox->record.state == SANDBOX_PAUSED &&
		    (longest == NULL ||
		    sandbox->paused_ms < longest->paused_ms))
			longest = sandbox;
	}
	return longest;
}

static void
demote_one(struct daemon *daemon)
{
	struct sandbox *sandbox = longest_paused(&daemon->sandboxes);
	struct room room;

	if (sandbox == NULL)
		return;
	room = room_of_host(daemon);
	if (room.left_bytes == 0 || room.left_bytes >= room.least_bytes)
		room = room_of_group(daemon);
	if (room.left_bytes >= room.least_bytes)
		return;
	log_info("due id=%s event=SUSPEND: %s: %" PRIu64 " bytes, less than "
	    "%" PRIu64, sandbox->record.id, room.reason, room.left_bytes,
	    room.least_bytes);
	sandbox_set_reason(sandbox, room.reason, "");
	daemon->on_event(sandbox, EVENT_SUSPEND, NULL);
}

static void
on_due(void *data)
{
	struct daemon *daemon = data;
	int r;

	demote_one(daemon);
	r = clock_arm(&daemon->clock, &daemon->demotion_timer,
	    DEMOTION_ROUND_MS);
	if (r < 0)
		log_error("nothing is demoted any more: %s", strerror(-r));
}

void
demotion_begin(struct daemon *daemon)
{
	daemon->demotion_timer.fire = on_due;
	daemon->demotion_timer.data = daemon;
	on_due(daemon);
}
