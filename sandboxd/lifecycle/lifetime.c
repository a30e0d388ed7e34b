// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/lifetime.h"

#include <string.h>

static const struct {
	const char *name;
	enum machine_event event;
} expiries[N_LIFETIME_EXPIRIES] = {
    [LIFETIME_PAUSE] = {"pause", EVENT_PAUSE},
    [LIFETIME_SUSPEND] = {"suspend", EVENT_SUSPEND},
    [LIFETIME_CLEAN] = {"clean", EVENT_CLEAN},
    [LIFETIME_DESTROY] = {"destroy", EVENT_DESTROY},
};

const char *
lifetime_expiry_name(enum lifetime_expiry expiry)
{
	return expiry < N_LIFETIME_EXPIRIES ? expiries[expiry].name : "?";
}

int
lifetime_expiry_parse(const char *name)
{
	for (int i = 0; i < N_LIFETIME_EXPIRIES; i++)
		if (strcmp(expiries[i].name, name) == 0)
			return i;
	return -1;
}

static enum machine_event
event_of(const struct lifetime *lifetime, enum lifetime_deadline which)
{
	switch (which) {
	case LIFETIME_HARD:
		return EVENT_CLEAN;
	case LIFETIME_SOFT:
		return expiries[lifetime->on_expiry].event;
	case LIFETIME_IDLE:
	case LIFETIME_DEMOTE:
	case N_LIFETIME_DEADLINES:
		break;
	}
	return EVENT_SUSPEND;
}

/* Whether a deadline means anything for one that is at rest in this state. */
static bool
applies(const struct lifetime *lifetime, enum sandbox_state state,
    enum lifetime_deadline which)
{
	struct machine_step step;

	if (lifetime->due_ms[which] == 0 ||
	    (which == LIFETIME_IDLE && state != SANDBOX_RUNNING) ||
	    (which == LIFETIME_DEMOTE && state != SANDBOX_PAUSED))
		return false;
	return machine_step(state, event_of(lifetime, which), &step) &&
	    step.next != state;
}

enum machine_event
lifetime_due(const struct lifetime *lifetime, enum sandbox_state state,
    uint64_t now_ms, enum lifetime_deadline *ret_which)
{
	for (unsigned i = 0; i < N_LIFETIME_DEADLINES; i++) {
		enum lifetime_deadline which = (enum lifetime_deadline)i;

		if (!applies(lifetime, state, which) ||
		    lifetime->due_ms[i] > now_ms)
			continue;
		*ret_which = which;
		return event_of(lifetime, which);
	}
	return N_MACHINE_EVENTS;
}

uint64_t
lifetime_next_ms(const struct lifetime *lifetime, enum sandbox_state state)
{
	uint64_t next_ms = 0;

	for (unsigned i = 0; i < N_LIFETIME_DEADLINES; i++)
		if (applies(lifetime, state, (enum lifetime_deadline)i) &&
		    (next_ms == 0 || lifetime->due_ms[i] < next_ms))
			next_ms = lifetime->due_ms[i];
	return next_ms;
}

static void
begin(uint64_t *due_ms, uint64_t now_ms, uint64_t after_ms)
{
	*due_ms = after_ms > 0 ? now_ms + after_ms : 0;
}

void
lifetime_begin(struct lifetime *lifetime, uint64_t now_ms, uint64_t ttl_ms,
    uint64_t hard_ttl_ms)
{
	lifetime->due_ms[LIFETIME_DEMOTE] = 0;
	if (lifetime->due_ms[LIFETIME_SOFT] <= now_ms)
		begin(&lifetime->due_ms[LIFETIME_SOFT], now_ms, ttl_ms);
	if (lifetime->due_ms[LIFETIME_HARD] <= now_ms)
		begin(&lifetime->due_ms[LIFETIME_HARD], now_ms, hard_ttl_ms);
}

void
lifetime_renew(struct lifetime *lifetime, uint64_t now_ms, uint64_t ttl_ms,
    uint64_t hard_ttl_ms)
{
	begin(&lifetime->due_ms[LIFETIME_SOFT], now_ms, ttl_ms);
	begin(&lifetime->due_ms[LIFETIME_HARD], now_ms, hard_ttl_ms);
}
