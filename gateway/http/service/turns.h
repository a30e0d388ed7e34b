// SPDX-License-Identifier: Apache-2.0
/*
 * Runs of one context, of which one at a time is given to it: whose client has
 * gone by the time that it is its turn is left out.
 */
#pragma once

#include <stdint.h>
#include <sys/queue.h>

#include "common/parse.h"
#include "gateway/http/back/identity.h"

/* Zeroed: it waits for nothing. It must stay where it is until it has left. */
struct turn {
	TAILQ_ENTRY(turn) link;
	char sandbox_id[SANDBOX_ID_SIZE];
	uint32_t process;
	/* It is its turn; called at most once, within turn_wait or when the one
	 * before has left. */
	void (*come)(void *arg);
	void *arg;
};

/* Waits, behind those of the same process of the same sandbox, whose id may be
 * spelt either way. */
void turn_wait(struct turn *turn, const char *sandbox_id, uint32_t process,
    void (*come)(void *arg), void *arg);

/* It has had its turn, or wants none; where it waits for none, nothing. */
void turn_leave(struct turn *turn);

/*
 * The same of one whose run is to be interrupted. The next has its turn once
 * that has been done, so that it is not meant; the identity is kept until then.
 * The turn is free at once.
 */
void turn_interrupt(struct turn *turn, struct identity *who);
