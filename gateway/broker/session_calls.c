// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/session_calls.h"

#include <errno.h>

#include "common/log.h"
#include "gateway/broker/connection.h"
#include "gateway/broker/lobby/lobby.h"
#include "gateway/broker/login/claim.h"
#include "gateway/broker/notes.h"
#include "gateway/broker/recording/recording.h"
#include "gateway/protocol/broker_calls.h"

static int
note_left(struct connection *connection, const struct rpc_message *message)
{
	struct rpc_session_left_event event;

	connection->has_left = true;
	return rpc_open_request(&rpc_call_session_left, message, &event);
}

/* What a session may ask, and when. */
static const struct {
	const struct rpc_call *call;
	bool is_after_login;
	int (*answer)(struct connection *connection,
	    const struct rpc_message *message);
} session_calls[] = {
    {&rpc_call_auth_publickey, false, claim_publickey},
    {&rpc_call_auth_secret, false, claim_secret},
    {&rpc_call_lobby_run, true, broker_lobby_run},
    {&rpc_call_record_open, true, broker_recording_open},
    {&rpc_call_note_forward, true, broker_notes_forward},
    {&rpc_call_session_left, false, note_left},
};

/* Asked too early or too late: answered so a few times, then cut off. */
static int
refuse_untimely(struct connection *connection,
    const struct rpc_message *message)
{
	log_warn("call %s login refused: from=%s number=%u",
	    connection->is_authenticated ? "after" : "before",
	    connection->peer_address, message->header.number);
	return connection_refuse(connection, message->header.number,
	    message->header.id);
}

int
broker_session_serve(struct connection *connection,
    const struct rpc_message *message)
{
	size_t i = 0, n = sizeof session_calls / sizeof *session_calls;

	while (i < n && session_calls[i].call->number !=
	    message->header.number)
		i++;
	if (i == n ||
	    message->header.kind != session_calls[i].call->kind)
		return -EBADMSG;
	if (session_calls[i].is_after_login != connection->is_authenticated)
		return message->header.kind == RPC_KIND_REQUEST ?
		    refuse_untimely(connection, message) : -EACCES;
	return session_calls[i].answer(connection, message);
}
