// SPDX-License-Identifier: Apache-2.0
/* Webhooks of the caller (docs/WEBHOOKS.md); lists and removal are
 * records.h's. */
#pragma once

#include "gateway/http/service/records.h"
#include "gateway/protocol/broker_calls.h"

struct identity;

/* The webhook, until the return; or why there is none. */
typedef void webhooks_done(void *arg, const struct rpc_webhook_info *webhook,
    const struct err *err);

/* Adds one; wish->identity is filled in. done is called once, maybe before
 * this returns. */
void webhooks_add(struct identity *who, struct rpc_webhook_add_req *wish,
    webhooks_done *done, void *arg);

/* One of the caller's: ENOENT where he has none of that number. */
void webhooks_get(struct identity *who, uint64_t id, webhooks_done *done,
    void *arg);

/* Has a test posted. */
void webhooks_test(struct identity *who, uint64_t id, records_end_done *done,
    void *arg);

/* What was posted to it last; records of struct rpc_webhook_delivery. */
void webhooks_deliveries(struct identity *who, uint64_t id, records_done *done,
    void *arg);
