// SPDX-License-Identifier: Apache-2.0
/*
 * When a sandbox is to change by itself, and to what: four deadlines, decided
 * from what it is told here alone. No kernel, no loop, no database; times are
 * those of the clock (clock.h), 0 = never.
 *
 *	soft	ttl: what on_expiry says
 *	hard	hard_ttl: cleaned, whatever else
 *	idle	idle_timeout since it was last used: suspended
 *	demote	pause_keep since it was paused: suspended
 */
#pragma once

#include <stdint.h>

#include "sandboxd/lifecycle/machine.h"

enum lifetime_expiry {
	LIFETIME_PAUSE,
	LIFETIME_SUSPEND,
	LIFETIME_CLEAN,
	LIFETIME_DESTROY,
	N_LIFETIME_EXPIRIES
};

enum lifetime_deadline {
	LIFETIME_HARD, /* the first of those that are due at once */
	LIFETIME_SOFT,
	LIFETIME_IDLE,
	LIFETIME_DEMOTE,
	N_LIFETIME_DEADLINES
};

struct lifetime {
	uint64_t due_ms[N_LIFETIME_DEADLINES];
	enum lifetime_expiry on_expiry;
};

/* "pause", "suspend", "clean" or "destroy"; static storage. */
const char *lifetime_expiry_name(enum lifetime_expiry expiry);

/* The expiry of a name, or -1. */
int lifetime_expiry_parse(const char *name);

/*
 * What is due for one at rest in this state: its event and which deadline, or
 * N_MACHINE_EVENTS. A deadline whose event would change nothing is not due.
 */
enum machine_event lifetime_due(const struct lifetime *lifetime,
    enum sandbox_state state, uint64_t now_ms,
    enum lifetime_deadline *ret_which);

/* When something will be, if the state stays; 0 = never. */
uint64_t lifetime_next_ms(const struct lifetime *lifetime,
    enum sandbox_state state);

/*
 * It begins to run, having been created, started or resumed: a deadline that is
 * over or was never set begins anew, as long as these say; one that is still to
 * come stays. 0 = never.
 */
void lifetime_begin(struct lifetime *lifetime, uint64_t now_ms,
    uint64_t ttl_ms, uint64_t hard_ttl_ms);

/* Both begin anew, whatever was. */
void lifetime_renew(struct lifetime *lifetime, uint64_t now_ms,
    uint64_t ttl_ms, uint64_t hard_ttl_ms);
