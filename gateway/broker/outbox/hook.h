// SPDX-License-Identifier: Apache-2.0
/* Private to outbox/: one webhook at work. */
#pragma once

#include "gateway/broker/outbox/outbox.h"

/* A pause before the n-th try. */
#define HOOK_PAUSE_FIRST_MS 1000
#define HOOK_PAUSE_MAX_MS   (3600 * 1000)

struct hook {
	struct outbox_hook told; /* first: what others see of it */
	struct outbox *outbox;
	TAILQ_ENTRY(hook) link;
	bool is_asking;	  /* sandboxd, for the next event */
	bool is_due;	  /* there may be one, after what it is busy with */
	bool is_marked;	  /* its cursor is not in the store yet */
	uint64_t event_id, event_at_ms; /* that is posted; 0 = none */
	unsigned n_tries;
	struct courier_post post, test;
	unsigned n_tests;
	sd_event_source *pause; /* until it is tried again */
};

/* There may be another event for it. */
void hook_kick(struct hook *hook);

/* A pause before that many tries were made, in milliseconds. */
uint64_t hook_pause_ms(unsigned n_tries);

/* Posts a test; -EBUSY while one is under way. */
int hook_test(struct hook *hook, struct err *err);

/* Ends what it is at; the caller frees it. */
void hook_stop(struct hook *hook);
