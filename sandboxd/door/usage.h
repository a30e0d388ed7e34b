// SPDX-License-Identifier: Apache-2.0
/* The row of rpc.def that is about usage, for calls.c. */
#pragma once

#include "sandboxd/door/peer.h"

/* usage_list: answered later, by the reader of the log. 0 or -errno. */
int answer_usage_list(struct peer *peer, uint32_t id, const void *data,
    struct err *err);
