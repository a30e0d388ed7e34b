// SPDX-License-Identifier: Apache-2.0
/* A create or a fork whose request has a key, and came before. */
#pragma once

#include "sandboxd/door/peer.h"

/*
 * Has the peer answered with what an earlier request of its owner made that had
 * this key ("" = none) and body, whether it is there, is being made or has
 * ended; call is sandbox_create or sandbox_fork. 1: it is, or will be; 0: there
 * was none; -EEXIST for another body, and what lifecycle_join and reader_ask
 * have.
 */
int repeat_answer(struct peer *peer, const struct rpc_call *call,
    uint32_t request_id, const char *key, const char *body, struct err *err);
