// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/session_calls.h"

#include "common/log.h"
#include "gateway/broker/connection.h"
#include "gateway/broker/lobby/lobby.h"
#include "gateway/broker/login/claim.h"
#include "gateway/broker/notes.h"
#include "gateway/broker/recording/recording.h"
#include "gateway/protocol/broker_calls.h"

static int
note_left(struct connection *connection, uint32_t id, const void *request,
    struct err *err)
{
	(void)id;
	(void)request;
	(void)err;
	connection->has_left = true;
	return 0;
}

static const struct {
	const struct rpc_call *call;
	int (*answer)(struct connection *connection, uint32_t id,
	    const void *request, struct err *err);
} session_calls[] = {
    {&rpc_call_auth_publickey, claim_publickey},
    {&rpc_call_auth_secret, claim_secret},
    {&rpc_call_lobby_run, broker_lobby_run},
    {&rpc_call_record_open, broker_recording_open},
    {&rpc_call_note_forward, broker_notes_forward},
    {&rpc_call_session_left, note_left},
};

static const struct rpc_call *
row(size_t i)
{
	return i < sizeof session_calls / sizeof *session_calls ?
	    session_calls[i].call : NULL;
}

static int
serve(void *arg, size_t i, struct rpc_message *message, const void *request,
    struct err *err)
{
	return session_calls[i].answer(arg, message->header.id, request, err);
}

/* Asked too early or too late: answered so a few times, then cut off. */
static int
deny(void *arg, const struct rpc_message *message, const struct rpc_call *call)
{
	struct connection *connection = arg;

	log_warn("call %s login refused: from=%s call=%s",
	    connection_is_authenticated(connection) ? "after" : "before",
	    connection->peer_address, call->name);
	return connection_refuse(connection, call->number,
	    message->header.id);
}

const struct rpc_server_table broker_session_table = {.row = row,
    .serve = serve, .deny = deny, .drop = connection_drop,
    .watch = connection_watch,
    .queue_messages_max = CONNECTION_QUEUE_MESSAGES_MAX,
    .queue_bytes_max = CONNECTION_QUEUE_BYTES_MAX};
