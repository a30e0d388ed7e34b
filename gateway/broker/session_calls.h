// SPDX-License-Identifier: Apache-2.0
/* Answers SSH sessions: who may ask what; when is said by broker.def's rows. */
#pragma once

#include "common/rpc_server.h"

/* How every claim socket is served; its arg is the struct connection. */
extern const struct rpc_server_table broker_session_table;
