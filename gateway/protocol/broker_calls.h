// SPDX-License-Identifier: Apache-2.0
/* The calls of broker.def as C; see common/rpc_declare.h. */
#pragma once

#include "common/rpc.h"

/*
 * How long an organisation's capability lasts. gateway-http asks for another
 * when half of that is over, so that none ends under a request.
 */
#define BROKER_API_CAP_TTL_MS (3600ull * 1000)

enum broker_peer {
	BROKER_PEER_CLAIMANT = 1 << 0, /* a gateway-session before its login */
	BROKER_PEER_SESSION = 1 << 1,  /* and after it */
	BROKER_PEER_HTTP = 1 << 2,
	BROKER_PEER_PROXY = 1 << 3,
};

/* What of a request let it in. */
enum broker_shown {
	BROKER_SHOWN_NOTHING, /* none was needed */
	BROKER_SHOWN_PREVIEW,
	BROKER_SHOWN_BEARER, /* its Authorization */
	BROKER_SHOWN_HEADER, /* the header of proxy_claim_rep */
	N_BROKER_SHOWN
};

/* What an SSH login is for. */
enum broker_login {
	BROKER_LOGIN_SANDBOX, /* with a capability for it */
	BROKER_LOGIN_LOBBY,   /* nothing comes along: lobby_run */
	BROKER_LOGIN_FAILED,  /* `notice` says why there is nothing */
	N_BROKER_LOGIN
};

/* What note_forward tells of. */
enum broker_forward {
	BROKER_FORWARD_DIAL_TCP,  /* target: host */
	BROKER_FORWARD_DIAL_UNIX, /* target: path */
	BROKER_FORWARD_LISTEN_TCP,
	BROKER_FORWARD_LISTEN_UNIX,
	BROKER_FORWARD_AGENT, /* target: path of its socket */
	BROKER_FORWARD_X11,   /* target: display */
	BROKER_FORWARD_ACCEPT, /* of one of the last four: its target */
	N_BROKER_FORWARD
};

/* What one recording is of. */
enum broker_recording {
	BROKER_RECORDING_PTY, /* asciicast v2; the others are JSON lines */
	BROKER_RECORDING_EXEC,
	BROKER_RECORDING_SFTP,
	BROKER_RECORDING_FORWARD, /* of one connection, all its forwards */
	N_BROKER_RECORDING
};

/* A setting that a request may leave as it is. */
enum broker_switch {
	BROKER_SWITCH_UNSAID,
	BROKER_SWITCH_OFF,
	BROKER_SWITCH_ON,
	N_BROKER_SWITCH
};

#define BROKER_LIMIT_UNSAID UINT64_MAX

#define RPC_TABLE "gateway/protocol/broker.def"
#include "common/rpc_declare.h"
