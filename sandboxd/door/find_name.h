// SPDX-License-Identifier: Apache-2.0
/* A sandbox by the name that its owner gave it, which need not be one's own. */
#pragma once

#include "sandboxd/door/peer.h"

/* As rpc.def has it; 0, or -ENOENT or -EEXIST and the words. */
int answer_sandbox_find(struct peer *peer, uint32_t id, const void *data,
    struct err *err);
