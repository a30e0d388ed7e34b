// SPDX-License-Identifier: Apache-2.0
/* What the calls of common/rpc.def do: permit check and handlers. */
#pragma once

#include <stddef.h>

#include "common/rpc.h"
#include "sandboxd/lifecycle/sandbox.h"

struct peer;

/* Serves one message. Unknown, unpermitted, oversized and malformed ones are
 * logged and cost the peer its connection. */
void calls_serve(struct peer *peer, struct rpc_message *message);

/* Writes a sandbox's sandbox_info. Its bytes, or -EMSGSIZE. */
ptrdiff_t calls_encode_sandbox(const struct sandbox *sandbox, uint8_t *buffer,
    size_t size);
