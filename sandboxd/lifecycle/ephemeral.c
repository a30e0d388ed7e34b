// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/ephemeral.h"

#include <string.h>

#include "common/log.h"
#include "sandboxd/lifecycle/lifecycle.h"

static bool
has_capability(const struct sandbox *sandbox)
{
	const char *id = sandbox->record.id;

	for (const struct peer *peer = sandbox->daemon->peers; peer != NULL;
	    peer = peer->next)
		if (strcmp(peer->capability.sandbox_id, id) == 0)
			return true;
	return false;
}

/* In the other states it is about to leave them, or to go. */
static bool
is_abandoned(const struct sandbox *sandbox)
{
	enum sandbox_state state = sandbox->record.state;

	return (state == SANDBOX_RUNNING || state == SANDBOX_SUSPENDED) &&
	    !sandbox->is_starting && sandbox->waiters == NULL &&
	    sandbox->n_attached == 0 && !has_capability(sandbox);
}

static void
stop_clock(struct sandbox *sandbox)
{
	sandbox->linger_source =
	    sd_event_source_disable_unref(sandbox->linger_source);
}

static int
on_lingered(sd_event_source *source, uint64_t usec, void *data)
{
	struct sandbox *sandbox = data;

	(void)source;
	(void)usec;
	stop_clock(sandbox);
	log_info("ephemeral sandbox ends id=%s org=%s", sandbox->record.id,
	    sandbox->record.org);
	lifecycle_expire(sandbox);
	return 0;
}

void
ephemeral_review(struct sandbox *sandbox)
{
	const struct daemon *daemon = sandbox->daemon;
	int r;

	if (!sandbox->record.is_ephemeral || daemon->is_ending)
		return;
	if (!is_abandoned(sandbox)) {
		stop_clock(sandbox);
		return;
	}
	if (sandbox->linger_source != NULL)
		return;
	r = sd_event_add_time_relative(daemon->event, &sandbox->linger_source,
	    CLOCK_BOOTTIME, daemon->settings.ephemeral_linger_s * 1000000, 0,
	    on_lingered, sandbox);
	if (r < 0)
		log_error("ephemeral sandbox stays id=%s: %s",
		    sandbox->record.id, strerror(-r));
}

void
ephemeral_review_id(struct daemon *daemon, const char *id)
{
	struct sandbox *sandbox = sandbox_find(&daemon->sandboxes, id);

	if (sandbox != NULL)
		ephemeral_review(sandbox);
}
