// SPDX-License-Identifier: Apache-2.0
/*
 * What befell a sandbox, until it is in its log: noted as it happens, it goes
 * with the next write of the row into one transaction, or by itself where there
 * is none. What its state became is noted where that is about to be written.
 */
#pragma once

#include "common/denial.h"
#include "sandboxd/lifecycle/machine.h"
#include "sandboxd/registry/event.h"

struct sandbox;

/* Events that wait for a write; more are not kept. */
#define CHRONICLE_WAITING_MAX 16

struct chronicle {
	struct event *waiting;
	unsigned n_waiting;
	enum sandbox_state told; /* what the log says that it is */
	uint32_t oom_told;	 /* kills that the log has */
	bool is_found;		 /* those before us are not known yet */
	char actor[EVENT_ACTOR_SIZE]; /* who is behind what happens now */
};

/* Of one that was just made, or loaded. */
void chronicle_begin(struct sandbox *sandbox);

/* From now on what happens is because of them: an audit name; NULL: the host's
 * own. */
void chronicle_blame(struct sandbox *sandbox, const char *whose);

/* Notes one, by who is behind it. */
void chronicle_note(struct sandbox *sandbox, enum event_kind kind,
    const char *cause);

/* Notes what its state has become, unless the log says so. */
void chronicle_note_state(struct sandbox *sandbox);

/* Notes what the kernel has killed since it was last asked. */
void chronicle_note_kills(struct sandbox *sandbox);

/* Writes what waits, where no write of the row has taken it along. */
void chronicle_flush(struct sandbox *sandbox);

/* Notes and writes one of somebody's own; nothing else is theirs. */
void chronicle_tell(struct sandbox *sandbox, enum event_kind kind,
    const char *whose, const char *cause);

/* The same of what it was refused, which whoever listens is told, too. */
void chronicle_tell_denial(struct sandbox *sandbox,
    const struct denial *denial);
