// SPDX-License-Identifier: Apache-2.0
/* The calls of broker.def as C; see common/rpc_declare.h. */
#pragma once

#include "common/rpc.h"

enum broker_peer { BROKER_PEER_SSH = 1 << 0, BROKER_PEER_HTTP = 1 << 1 };

/* What an SSH login is for. */
enum broker_login {
	BROKER_LOGIN_SANDBOX, /* with a capability for it */
	BROKER_LOGIN_LOBBY,   /* nothing comes along: lobby_run */
	BROKER_LOGIN_FAILED,  /* `notice` says why there is nothing */
	N_BROKER_LOGIN
};

#define RPC_TABLE "gateway/broker.def"
#include "common/rpc_declare.h"

/* The row of a number, or NULL. */
const struct rpc_call *rpc_find_broker_call(uint16_t number);
