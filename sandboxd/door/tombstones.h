// SPDX-License-Identifier: Apache-2.0
/*
 * The calls about sandboxes that are no more: answered when the registry has
 * been read, which is not done in the loop. 0, or an error to answer with at
 * once.
 */
#pragma once

#include "sandboxd/door/peer.h"

/* call is sandbox_recall, or sandbox_create or sandbox_fork, which were asked
 * for what they made before. */
int recalled_later(struct peer *peer, const struct rpc_call *call,
    uint32_t request_id, const char *sandbox_id, struct err *err);

/* The log of what one wrote; sandbox: where it is not one of those. */
int log_later(struct peer *peer, uint32_t request_id, const char *sandbox_id,
    const struct sandbox *sandbox, struct err *err);
int tombstones_later(struct peer *peer, uint32_t request_id,
    const char *after, struct err *err);
