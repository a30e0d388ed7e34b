// SPDX-License-Identifier: Apache-2.0
/* Private to outbox/: what a hook has of its outbox. */
#pragma once

#include "common/rpc_calls.h"
#include "common/rpc_client.h"
#include "gateway/broker/outbox/outbox.h"

struct courier *feed_courier(struct outbox *outbox);
sd_event *feed_event(struct outbox *outbox);

/* Asks sandboxd; done follows, never from within this. -errno: it does not,
 * and every hook is kicked once sandboxd is there. */
int feed_ask(struct outbox *outbox, const struct rpc_event_feed_req *request,
    rpc_client_done *done, void *arg);

/* What is asked of sandboxd goes wrong: after a pause, all is asked anew. */
void feed_lose(struct outbox *outbox, const struct err *err);

/* Nobody waits for answers with this arg any more. */
void feed_forget(struct outbox *outbox, const void *arg);
