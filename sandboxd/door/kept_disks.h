// SPDX-License-Identifier: Apache-2.0
/* Trees of disks: who may have them mounted, and a row of calls.c. */
#pragma once

#include "common/rpc_calls.h"
#include "sandboxd/door/peer.h"

int answer_disk_drop(struct peer *peer, uint32_t id, const void *data,
    struct err *err);

/* Whether a peer may have these (common/disk_mounts.h) in a sandbox: -EACCES.
 * Words that are none are not looked at here. */
int kept_disks_permit(const struct peer *peer, const char *disks,
    struct err *err);
