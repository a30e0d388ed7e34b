// SPDX-License-Identifier: Apache-2.0
/* Other limits for a sandbox that there is: rpc.def's sandbox_resize. */
#pragma once

#include "sandboxd/door/peer.h"

int answer_sandbox_resize(struct peer *peer, uint32_t id, const void *data,
    struct err *err);
