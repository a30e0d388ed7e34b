// SPDX-License-Identifier: Apache-2.0
/* What a webhook is told of one event: the body, and its signature. */
#pragma once

#include "common/rpc_calls.h"
#include "gateway/protocol/handover.h"
#include "keys/webhook.h"

/* Of the event; NULL: of a test, which `test_id` is the number of. Fills *ret.
 * -EMSGSIZE where it does not fit, which no event of sandboxd's does. */
int payload_make(const struct webhook *webhook,
    const struct rpc_event_info *event, uint64_t now_ms, const char *test_id,
    struct handover_post *ret);
