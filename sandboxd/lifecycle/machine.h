// SPDX-License-Identifier: Apache-2.0
/*
 * The table of machine.def, and nothing that needs a kernel, a loop or a
 * database: what a state becomes by an event, and what is to be done then.
 */
#pragma once

#include <stdbool.h>

enum sandbox_state {
#define MACHINE_STATE(name, shown, kept) SANDBOX_##name,
#include "sandboxd/lifecycle/machine.def"
	N_SANDBOX_STATES
};

enum machine_event {
#define MACHINE_EVENT(name) EVENT_##name,
#include "sandboxd/lifecycle/machine.def"
	N_MACHINE_EVENTS /* none */
};

enum machine_action {
#define MACHINE_ACTION(name) ACTION_##name,
#include "sandboxd/lifecycle/machine.def"
	N_MACHINE_ACTIONS
};

struct machine_step {
	enum sandbox_state next;
	enum machine_action action;
};

/* What an event does to a state: true and *ret, or false where the table has
 * no such row. */
bool machine_step(enum sandbox_state state, enum machine_event event,
    struct machine_step *ret);

/* The row's own name, for logs: "SETTING_UP", "JOB_DONE", "TAKE_UP". */
const char *machine_state_name(enum sandbox_state state);
const char *machine_event_name(enum machine_event event);
const char *machine_action_name(enum machine_action action);

/* What clients are told: "creating", "running" and so on; static storage. */
const char *sandbox_state_name(enum sandbox_state state);

/* The state a restart finds it in. */
enum sandbox_state sandbox_state_kept(enum sandbox_state state);

/* The state that is kept under this name, or -EINVAL. */
int sandbox_state_parse(const char *name, enum sandbox_state *ret);

/* Whether it is as good as gone: nobody is told of it or let in. */
bool sandbox_state_is_ending(enum sandbox_state state);

/* Whether it is nobody's yet: the same. */
bool sandbox_state_is_pooled(enum sandbox_state state);

/* What it is on its way to, where at rest what it is: "active", "paused",
 * "suspended", "cleaned" or "destroyed"; static storage. */
const char *sandbox_state_desired(enum sandbox_state state);

/* Whether it can be left alone: no step of its own is to follow. */
bool sandbox_state_is_at_rest(enum sandbox_state state);
