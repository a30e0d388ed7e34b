// SPDX-License-Identifier: Apache-2.0
/* What processes of a sandbox begin with, told; a row of calls.c. */
#pragma once

#include "common/rpc_calls.h"
#include "sandboxd/door/peer.h"

int answer_sandbox_env(struct peer *peer, uint32_t id, const void *data,
    struct err *err);
