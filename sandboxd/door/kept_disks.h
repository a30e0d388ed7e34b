// SPDX-License-Identifier: Apache-2.0
/* The call about trees of disks; a row of calls.c. */
#pragma once

#include "common/rpc_calls.h"
#include "sandboxd/door/peer.h"

int answer_disk_drop(struct peer *peer, uint32_t id, const void *data,
    struct err *err);
