// SPDX-License-Identifier: Apache-2.0
/* What the calls of common/rpc.def do, one handler a row. */
#pragma once

#include "common/rpc_server.h"

struct err;
struct peer;
struct sandbox;

/* How every connection is served; its arg is the struct peer. */
extern const struct rpc_server_table calls_table;

/* The sandbox that a request of the peer's means, "" being that of its
 * capability; NULL, and ENOENT, also for a foreign one. */
struct sandbox *calls_find(const struct peer *peer, const char *id,
    struct err *err);
