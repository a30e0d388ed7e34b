// SPDX-License-Identifier: Apache-2.0
/* The calls about the log of what befell sandboxes, docs/EVENTS.md. */
#pragma once

#include "common/rpc_calls.h"
#include "sandboxd/door/peer.h"

/* What a capability may tell at once, and how many a second for long. */
#define EVENT_NOTES_BURST 64
#define EVENT_NOTES_PER_S 10

/* What a holder says befell. -EINVAL or -EACCES: it goes. */
int events_befell(struct peer *peer,
    const struct rpc_sandbox_befell_event *event, struct err *err);

/* A login is in, and is gone. */
void events_connected(struct peer *peer);
void events_disconnected(struct peer *peer);

/* Whom it concerns is told that the log has grown. */
void events_tell(struct daemon *daemon, const struct sandbox_record *record);

/* A peer that goes follows no more. */
void events_forget(struct peer *peer);

/* The rows of rpc.def that are about the log, for calls.c. */
int take_sandbox_befell(struct peer *peer, uint32_t id, const void *data,
    struct err *err);
int answer_event_list(struct peer *peer, uint32_t id, const void *data,
    struct err *err);
int answer_event_feed(struct peer *peer, uint32_t id, const void *data,
    struct err *err);
int take_event_news(struct peer *peer, uint32_t id, const void *data,
    struct err *err);
