// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/demotion.h"

#include <inttypes.h>
#include <string.h>

#include "common/log.h"
#include "sandboxd/host/shared.h"

/* Time enough for what the last one had to be free again. */
#define DEMOTION_ROUND_MS 1000u

/* Where the operator says nothing, it is what the host is to keep for itself:
 * once that is touched, sandboxes are about to be killed for want of memory. */
static uint64_t
threshold_bytes(const struct daemon *daemon)
{
	const struct ceilings *ceilings = &daemon->runtime.ceilings;
	uint64_t says = daemon->settings.demote_below_bytes;

	return says != 0 ? says :
	    ceilings->host.memory_bytes - ceilings->all_memory_bytes;
}

/* One that was paused before this sandboxd was there has 0, and is first. */
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
	const uint64_t threshold = threshold_bytes(daemon);
	uint64_t available = shared_memory_available_bytes();
	struct sandbox *sandbox;

	if (available == 0 || available >= threshold ||
	    (sandbox = longest_paused(&daemon->sandboxes)) == NULL)
		return;
	log_info("due id=%s event=SUSPEND: the host has %" PRIu64 " bytes of "
	    "memory left, and %" PRIu64 " are demote_below",
	    sandbox->record.id, available, threshold);
	sandbox_set_reason(sandbox, "the host had little memory left "
	    "(demote_below)", "");
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
