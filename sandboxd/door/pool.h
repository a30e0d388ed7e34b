// SPDX-License-Identifier: Apache-2.0
/* The calls about the pool; rows of calls.c. */
#pragma once

#include "sandboxd/door/peer.h"

int answer_pool_list(struct peer *peer, uint32_t id, const void *data,
    struct err *err);
int answer_pool_set(struct peer *peer, uint32_t id, const void *data,
    struct err *err);
