// SPDX-License-Identifier: Apache-2.0
/* The requests of common/init.def, one handler a row. */
#pragma once

#include "sandboxd/init/peer.h"

/* How every connection to init is served; its arg is the struct peer. */
extern const struct rpc_server_table calls_table;
