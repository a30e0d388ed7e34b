// SPDX-License-Identifier: Apache-2.0
/* What the calls of common/rpc.def do, one handler a row. */
#pragma once

#include <stddef.h>

#include "common/rpc_server.h"
#include "sandboxd/lifecycle/sandbox.h"

/* How every connection is served; its arg is the struct peer. */
extern const struct rpc_server_table calls_table;

/* Writes a sandbox's sandbox_info. Its bytes, or -EMSGSIZE. */
ptrdiff_t calls_encode_sandbox(const struct sandbox *sandbox, uint8_t *buffer,
    size_t size);
