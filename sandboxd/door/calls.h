// SPDX-License-Identifier: Apache-2.0
/* What the calls of common/rpc.def do: permit check and handlers. */
#pragma once

#include "common/rpc.h"

struct peer;

/* Serves one message. Unknown, unpermitted, oversized and malformed ones are
 * logged and cost the peer its connection. */
void calls_serve(struct peer *peer, struct rpc_message *message);
