// SPDX-License-Identifier: Apache-2.0
/* What is told of the host. Both reply, or return why not with words. */
#pragma once

#include "sandboxd/door/peer.h"

int host_status(struct peer *peer, uint32_t id, struct err *err);
int host_resources(struct peer *peer, uint32_t id, struct err *err);
