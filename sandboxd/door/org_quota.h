// SPDX-License-Identifier: Apache-2.0
/* The call about an organisation's limits; a row of calls.c. */
#pragma once

#include "sandboxd/door/peer.h"

int answer_sandbox_quota(struct peer *peer, uint32_t id, const void *data,
    struct err *err);
