// SPDX-License-Identifier: Apache-2.0
/* What holders of a capability say of it, unanswered; rows of calls.c. */
#pragma once

#include "common/rpc_calls.h"
#include "sandboxd/door/peer.h"

int take_sandbox_used(struct peer *peer, uint32_t id, const void *data,
    struct err *err);
int take_cap_restrict(struct peer *peer, uint32_t id, const void *data,
    struct err *err);
