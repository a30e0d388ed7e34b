// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/machine.h"

#include <errno.h>
#include <string.h>

static const struct {
	const char *name, *shown;
	enum sandbox_state kept;
} states[N_SANDBOX_STATES] = {
#define MACHINE_STATE(name, shown, kept)                                       \
	[SANDBOX_##name] = {#name, shown, SANDBOX_##kept},
#include "sandboxd/lifecycle/machine.def"
};

static const char *const events[N_MACHINE_EVENTS] = {
#define MACHINE_EVENT(name) [EVENT_##name] = #name,
#include "sandboxd/lifecycle/machine.def"
};

static const char *const actions[N_MACHINE_ACTIONS] = {
#define MACHINE_ACTION(name) [ACTION_##name] = #name,
#include "sandboxd/lifecycle/machine.def"
};

static const struct {
	bool is_legal;
	struct machine_step step;
} rows[N_SANDBOX_STATES][N_MACHINE_EVENTS] = {
#define MACHINE_ROW(state, event, next, action)                                \
	[SANDBOX_##state][EVENT_##event] = {true,                              \
	    {SANDBOX_##next, ACTION_##action}},
#include "sandboxd/lifecycle/machine.def"
};

bool
machine_step(enum sandbox_state state, enum machine_event event,
    struct machine_step *ret)
{
	if (state >= N_SANDBOX_STATES || event >= N_MACHINE_EVENTS ||
	    !rows[state][event].is_legal)
		return false;
	*ret = rows[state][event].step;
	return true;
}

const char *
machine_state_name(enum sandbox_state state)
{
	return state < N_SANDBOX_STATES ? states[state].name : "?";
}

const char *
machine_event_name(enum machine_event event)
{
	return event < N_MACHINE_EVENTS ? events[event] : "?";
}

const char *
machine_action_name(enum machine_action action)
{
	return action < N_MACHINE_ACTIONS ? actions[action] : "?";
}

const char *
sandbox_state_name(enum sandbox_state state)
{
	return state < N_SANDBOX_STATES ? states[state].shown : "?";
}

enum sandbox_state
sandbox_state_kept(enum sandbox_state state)
{
	return state < N_SANDBOX_STATES ? states[state].kept : state;
}

int
sandbox_state_parse(const char *name, enum sandbox_state *ret)
{
	for (unsigned i = 0; i < N_SANDBOX_STATES; i++)
		if (states[i].kept == i && strcmp(states[i].shown, name) == 0) {
			*ret = (enum sandbox_state)i;
			return 0;
		}
	return -EINVAL;
}

bool
sandbox_state_is_ending(enum sandbox_state state)
{
	switch (state) {
	case SANDBOX_FAILED:
	case SANDBOX_DOOMED:
	case SANDBOX_CONDEMNED:
	case SANDBOX_DESTROYING:
	case SANDBOX_BURYING:
	case SANDBOX_DESTROYED:
	case SANDBOX_DISCARDING:
		return true;
	default:
		return false;
	}
}

bool
sandbox_state_is_pooled(enum sandbox_state state)
{
	return state == SANDBOX_POOLING || state == SANDBOX_READYING ||
	    state == SANDBOX_POOLED || state == SANDBOX_BLANKING ||
	    state == SANDBOX_BLANK;
}

bool
sandbox_state_is_at_rest(enum sandbox_state state)
{
	switch (state) {
	case SANDBOX_RUNNING:
	case SANDBOX_SUSPENDED:
	case SANDBOX_PAUSED:
	case SANDBOX_CLEANED:
		return true;
	default:
		return false;
	}
}

const char *
sandbox_state_desired(enum sandbox_state state)
{
	switch (state) {
	case SANDBOX_PAUSING:
	case SANDBOX_PAUSED:
		return "paused";
	case SANDBOX_ROUSING:
	case SANDBOX_SUSPENDING:
	case SANDBOX_STOPPING:
	case SANDBOX_RESTORING:
	case SANDBOX_SUSPENDED:
		return "suspended";
	case SANDBOX_CLEANING:
	case SANDBOX_CLEANED:
		return "cleaned";
	case SANDBOX_STUCK:
		return "destroyed";
	default:
		return sandbox_state_is_ending(state) ? "destroyed" :
		    "active";
	}
}
