// SPDX-License-Identifier: Apache-2.0
/* What sandboxes use, as it is told (common/metric.def). */
#pragma once

#include "sandboxd/door/peer.h"

/* Both reply, or return why not with words. */
int metrics_of_sandbox(struct peer *peer, uint32_t request_id,
    struct sandbox *sandbox, const struct rpc_sandbox_metrics_req *request,
    struct err *err);
int metrics_page(struct peer *peer, uint32_t request_id, const char *after,
    struct err *err);
