// SPDX-License-Identifier: Apache-2.0
/* The requests of common/init.def, one handler a row. */
#pragma once

#include "sandboxd/init/peer.h"

enum calls_result { CALLS_SERVED, CALLS_DROP, CALLS_HOLD };

/*
 * Checks a message (row, who, rights, descriptors, size) and serves it.
 * CALLS_DROP: the peer broke the rules and must be dropped; CALLS_HOLD: offer
 * the same message again once init is set up. After CALLS_SERVED the peer may
 * be gone.
 */
enum calls_result calls_serve(struct peer *peer,
    const struct rpc_message *message);
