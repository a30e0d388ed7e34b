// SPDX-License-Identifier: Apache-2.0
/*
 * Who keeps a sandbox: the capabilities opened for it alone, and whoever is
 * attached to its init. An ephemeral one that nobody has kept for a time is
 * abandoned, by one rule whatever came before. Nothing of it is remembered but
 * the row's flag, so it holds across every restart.
 */
#pragma once

#include <stdbool.h>

#include "sandboxd/lifecycle/clock.h"

struct hold {
	struct clock *clock;
	uint64_t linger_ms;
	void (*abandoned)(void *data); /* may free the hold */
	void *data;
	bool is_ephemeral;
	uint32_t n_capabilities;
	uint32_t n_attached; /* as its init says */
	struct clock_timer timer;
};

/*
 * To be called whenever a member may have changed, or whether the sandbox is
 * at rest (nothing happens to it and nobody waits for it): starts or stops the
 * clock. -errno where it cannot be started.
 */
int hold_review(struct hold *hold, bool is_at_rest);

/* Stops the clock, for good. */
void hold_fini(struct hold *hold);
