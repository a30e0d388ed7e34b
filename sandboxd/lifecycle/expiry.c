// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/expiry.h"

#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "sandboxd/lifecycle/actions.h"

static uint64_t
now_of(const struct sandbox *sandbox)
{
	const struct clock *clock = &sandbox->daemon->clock;

	return clock->now_ms(clock);
}

/* The row's copy of the deadlines, which another boot's clock cannot read. */
static void
remember(struct sandbox *sandbox)
{
	struct sandbox_record *record = &sandbox->record;
	const uint64_t *due_ms = sandbox->lifetime.due_ms;
	const uint64_t offset_ms = clock_unix_ms() - now_of(sandbox);

	record->clock_offset_ms = offset_ms;
	snprintf(record->clock_boot_id, sizeof record->clock_boot_id, "%s",
	    sandbox->daemon->boot_id);
	record->expires_ms = due_ms[LIFETIME_SOFT] == 0 ? 0 :
	    due_ms[LIFETIME_SOFT] + offset_ms;
	record->hard_expires_ms = due_ms[LIFETIME_HARD] == 0 ? 0 :
	    due_ms[LIFETIME_HARD] + offset_ms;
	record->demote_ms = due_ms[LIFETIME_DEMOTE] == 0 ? 0 :
	    due_ms[LIFETIME_DEMOTE] + offset_ms;
	record->paused_since_ms = sandbox->paused_ms == 0 ? 0 :
	    sandbox->paused_ms + offset_ms;
}

/* A Unix time of the row, on our clock: by what the two differed in when it was
 * written, or after a reboot by what time it is said to be. Never 0. */
static uint64_t
recall(const struct sandbox *sandbox, uint64_t unix_ms)
{
	const struct sandbox_record *record = &sandbox->record;
	uint64_t offset_ms = record->clock_offset_ms;

	if (unix_ms == 0)
		return 0;
	if (strcmp(record->clock_boot_id, sandbox->daemon->boot_id) != 0)
		offset_ms = clock_unix_ms() - now_of(sandbox);
	return unix_ms > offset_ms ? unix_ms - offset_ms : 1;
}

static void
on_due(void *data)
{
	expiry_review(data);
}

void
expiry_load(struct sandbox *sandbox)
{
	const struct sandbox_record *record = &sandbox->record;
	struct lifetime *lifetime = &sandbox->lifetime;
	int expiry = lifetime_expiry_parse(record->on_expiry);

	lifetime->on_expiry = expiry < 0 ? LIFETIME_PAUSE :
	    (enum lifetime_expiry)expiry;
	lifetime->due_ms[LIFETIME_SOFT] = recall(sandbox, record->expires_ms);
	lifetime->due_ms[LIFETIME_HARD] = recall(sandbox,
	    record->hard_expires_ms);
	lifetime->due_ms[LIFETIME_DEMOTE] = recall(sandbox,
	    record->demote_ms);
	sandbox->active_ms = recall(sandbox, record->last_activity_ms);
	if (sandbox->active_ms != 0)
		sandbox->active_ms += EXPIRY_SAVE_MS;
	sandbox->paused_ms = recall(sandbox, record->paused_since_ms);
	sandbox->expiry.fire = on_due;
	sandbox->expiry.data = sandbox;
}

void
expiry_begin(struct sandbox *sandbox)
{
	const struct sandbox_record *record = &sandbox->record;

	lifetime_begin(&sandbox->lifetime, now_of(sandbox),
	    record->ttl_s * 1000, record->hard_ttl_s * 1000);
	sandbox->active_ms = now_of(sandbox);
	sandbox->paused_ms = 0;
	remember(sandbox);
}

void
expiry_complete(struct sandbox *sandbox)
{
	const struct sandbox_record *record = &sandbox->record;
	uint64_t *due_ms = sandbox->lifetime.due_ms;

	if (record->ttl_s != 0 && due_ms[LIFETIME_SOFT] == 0)
		due_ms[LIFETIME_SOFT] = now_of(sandbox) +
		    record->ttl_s * 1000;
	remember(sandbox);
}

void
expiry_paused(struct sandbox *sandbox)
{
	const uint64_t keep_s = sandbox->daemon->settings.pause_keep_s;

	sandbox->paused_ms = now_of(sandbox);
	sandbox->lifetime.due_ms[LIFETIME_DEMOTE] = keep_s == 0 ? 0 :
	    now_of(sandbox) + keep_s * 1000;
	remember(sandbox);
}

void
expiry_put_off(struct sandbox *sandbox)
{
	if (!expiry_has_paused(sandbox))
		return;
	sandbox->lifetime.due_ms[LIFETIME_SOFT] = now_of(sandbox) +
	    EXPIRY_RETRY_MS;
	remember(sandbox);
}

void
expiry_renew(struct sandbox *sandbox, uint64_t duration_s)
{
	const struct sandbox_record *record = &sandbox->record;
	uint64_t ttl_s = duration_s != 0 ? duration_s : record->ttl_s;

	if (duration_s == RPC_NEVER)
		ttl_s = 0;
	lifetime_renew(&sandbox->lifetime, now_of(sandbox), ttl_s * 1000,
	    record->hard_ttl_s * 1000);
	remember(sandbox);
}

void
expiry_change(struct sandbox *sandbox)
{
	int expiry = lifetime_expiry_parse(sandbox->record.on_expiry);

	if (expiry >= 0)
		sandbox->lifetime.on_expiry = (enum lifetime_expiry)expiry;
	expiry_renew(sandbox, 0);
}

bool
expiry_has_paused(const struct sandbox *sandbox)
{
	return sandbox->record.ttl_s != 0 &&
	    sandbox->lifetime.on_expiry == LIFETIME_PAUSE &&
	    sandbox->lifetime.due_ms[LIFETIME_SOFT] == 0;
}

void
expiry_touch(struct sandbox *sandbox, const char *kind)
{
	struct sandbox_record *record = &sandbox->record;
	const uint64_t before_ms = sandbox->activity_saved_ms;

	sandbox->active_ms = now_of(sandbox);
	record->last_activity_ms = clock_unix_ms();
	snprintf(record->last_activity_kind,
	    sizeof record->last_activity_kind, "%.15s", kind);
	if (before_ms != 0 && sandbox->active_ms - before_ms < EXPIRY_SAVE_MS &&
	    expiry_is_held(sandbox))
		return;
	sandbox->activity_saved_ms = sandbox->active_ms;
	remember(sandbox);
	(void)action_save(sandbox, REGISTRY_LAZY, NULL);
}

/* Who is attached without a capability of their own came by another's, or has
 * outlived the sandboxd that knew them: they are not heard of until they go. */
bool
expiry_is_held(const struct sandbox *sandbox)
{
	return sandbox->n_busy > 0 ||
	    sandbox->hold.n_attached > sandbox->hold.n_capabilities;
}

static void
say_why(struct sandbox *sandbox, enum lifetime_deadline which,
    enum machine_event event)
{
	static const char *const whys[] = {
	    [LIFETIME_HARD] = "its hard_ttl was over",
	    [LIFETIME_SOFT] = "its ttl was over",
	    [LIFETIME_IDLE] = "it was not used for its idle_timeout",
	    [LIFETIME_DEMOTE] = "it was paused for pause_keep",
	};
	struct sandbox_record *record = &sandbox->record;

	log_info("due id=%s event=%s: %s", record->id,
	    machine_event_name(event), whys[which]);
	chronicle_blame(sandbox, NULL);
	chronicle_note(sandbox, EVENT_KIND_EXPIRED, whys[which]);
	if (event == EVENT_DESTROY)
		snprintf(record->cause, sizeof record->cause, "destroyed: %s",
		    whys[which]);
	else
		sandbox_set_reason(sandbox, whys[which], "");
}

/* Whether it was used until now, and is no more. */
static void
watch_use(struct sandbox *sandbox)
{
	const bool is_held = expiry_is_held(sandbox);
	const uint64_t idle_ms = sandbox->record.idle_timeout_s * 1000;

	if (is_held || sandbox->was_held)
		sandbox->active_ms = now_of(sandbox);
	sandbox->was_held = is_held;
	sandbox->lifetime.due_ms[LIFETIME_IDLE] = is_held || idle_ms == 0 ?
	    0 : sandbox->active_ms + idle_ms;
}

void
expiry_review(struct sandbox *sandbox)
{
	struct daemon *daemon = sandbox->daemon;
	const enum sandbox_state state = sandbox->record.state;
	uint64_t now_ms = now_of(sandbox), next_ms;
	enum lifetime_deadline which;
	enum machine_event event;

	watch_use(sandbox);
	clock_disarm(&daemon->clock, &sandbox->expiry);
	if (!sandbox_state_is_at_rest(state))
		return;
	event = lifetime_due(&sandbox->lifetime, state, now_ms, &which);
	if (event != N_MACHINE_EVENTS) {
		sandbox->lifetime.due_ms[which] = 0;
		remember(sandbox);
		say_why(sandbox, which, event);
		daemon->on_event(sandbox, event, NULL);
		return;
	}
	next_ms = lifetime_next_ms(&sandbox->lifetime, state);
	if (next_ms != 0 && clock_arm(&daemon->clock, &sandbox->expiry,
	    next_ms - now_ms) < 0)
		log_error("no timer id=%s", sandbox->record.id);
}
