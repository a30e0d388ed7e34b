// SPDX-License-Identifier: Apache-2.0
/* The calls of broker.def as C; see common/rpc_declare.h. */
#pragma once

#include "common/rpc.h"

enum broker_peer { BROKER_PEER_SSH = 1 << 0, BROKER_PEER_HTTP = 1 << 1 };

/* What an SSH login is for. */
enum broker_login {
	BROKER_LOGIN_SANDBOX, /* with a capability for it */
	BROKER_LOGIN_LOBBY,
	N_BROKER_LOGIN
};

/* What one recording is of. */
enum broker_recording {
	BROKER_RECORDING_PTY, /* asciicast v2; the others are JSON lines */
	BROKER_RECORDING_EXEC,
	BROKER_RECORDING_SFTP,
	BROKER_RECORDING_FORWARD, /* of one connection, all its forwards */
	N_BROKER_RECORDING
};

#define RPC_TABLE "gateway/broker.def"
#include "common/rpc_declare.h"

/* The row of a number, or NULL. */
const struct rpc_call *rpc_find_broker_call(uint16_t number);
