// SPDX-License-Identifier: Apache-2.0
/*
 * Webhooks at work (docs/WEBHOOKS.md): each has a cursor in sandboxd's log of
 * events and goes on from there, an event after the other. The log is what
 * waits, so that nothing does here.
 */
#pragma once

#include <systemd/sd-event.h>

#include "gateway/broker/outbox/courier.h"
#include "keys/webhook.h"

/* How many posts a webhook tells of. */
#define OUTBOX_DELIVERIES_MAX 16

/* What is older, and was tried, is given up. */
#define OUTBOX_AGE_MAX_MS (3 * 86400ull * 1000)

struct outbox;

struct outbox_delivery {
	uint64_t at_ms;
	char event_id[32];
	char event_type[64];
	uint32_t status; /* 0 = no answer; the words are why */
	uint32_t tries;
	char words[128];
};

/* One of them, as it is told of. */
struct outbox_hook {
	struct webhook webhook;
	/* In order of their end, the oldest first. */
	struct outbox_delivery deliveries[OUTBOX_DELIVERIES_MAX];
	size_t n_deliveries;
};

/* Of what the store has; sandboxd is looked for at the path from now on. 0 or
 * -errno. */
int outbox_new(sd_event *event, struct store *store, const char *path,
    struct outbox **ret, struct err *err);

/* Saves, and frees; NULL is accepted. */
void outbox_free(struct outbox *outbox);

/* Takes over the orders' socket of another gateway-webhook. 0 or -errno. */
int outbox_set_zygote(struct outbox *outbox, int *fd);

/* Begins with one that was just added to the store. -ENOMEM: it waits for the
 * next broker. */
int outbox_add(struct outbox *outbox, const struct webhook *webhook,
    struct err *err);

/* Removes one from the store and here. */
int outbox_remove(struct outbox *outbox, int64_t id, struct err *err);

/* Lets go of those that are no more in the store: a user was removed. */
void outbox_review(struct outbox *outbox);

/* Posts a test, once. -EBUSY while one is under way. */
int outbox_test(struct outbox *outbox, int64_t id, struct err *err);

/* Those of an organisation, in order of id: the first after `after`; NULL where
 * there is none. Until the next call of this file. */
const struct outbox_hook *outbox_next(const struct outbox *outbox,
    const char *org, int64_t after);

/* Writes down how far they have come. */
void outbox_flush(struct outbox *outbox);
