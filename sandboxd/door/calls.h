// SPDX-License-Identifier: Apache-2.0
/* What the calls of common/rpc.def do, one handler a row. */
#pragma once

#include "common/rpc_server.h"

/* How every connection is served; its arg is the struct peer. */
extern const struct rpc_server_table calls_table;
