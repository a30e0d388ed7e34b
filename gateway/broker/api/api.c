// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/api/api.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "common/log.h"
#include "gateway/broker/api/access.h"
#include "gateway/broker/api/answer.h"
#include "gateway/broker/api/auth.h"
#include "gateway/broker/api/recordings.h"
#include "gateway/broker/api/ssh_cas.h"
#include "gateway/broker/api/ssh_keys.h"
#include "gateway/broker/api/tokens.h"

#define SERVE_BURST 16

static int
answer_gateway_status(struct api_context *context, const void *data)
{
	const struct broker *broker = context->broker;

	(void)data;
	return api_reply(context, &(struct rpc_gateway_status_rep){
	    .version = SANDGATE_VERSION, .started_ms = broker->started_ms,
	    .connections = broker->n_connections,
	    .ssh_host = broker->settings.ssh_host,
	    .ssh_port = broker->ssh_port, .host_keys = api_host_keys(broker)});
}

static int
answer_api_auth_peer(struct api_context *context, const void *data)
{
	(void)data;
	return api_auth_peer(context->broker, context->message,
	    &context->err);
}

static int
answer_api_auth_token(struct api_context *context, const void *data)
{
	return api_auth_token(context->broker, context->message, data,
	    &context->err);
}

static const struct {
	const struct rpc_call *call;
	int (*answer)(struct api_context *context, const void *request);
} answers[] = {
    {&rpc_call_api_auth_peer, answer_api_auth_peer},
    {&rpc_call_api_auth_token, answer_api_auth_token},
    {&rpc_call_ssh_key_add, api_ssh_key_add},
    {&rpc_call_ssh_key_list, api_ssh_key_list},
    {&rpc_call_ssh_key_remove, api_ssh_key_remove},
    {&rpc_call_token_create, api_token_create},
    {&rpc_call_token_list, api_token_list},
    {&rpc_call_token_revoke, api_token_revoke},
    {&rpc_call_ssh_access, api_ssh_access},
    {&rpc_call_gateway_status, answer_gateway_status},
    {&rpc_call_ssh_ca_add, api_ssh_ca_add},
    {&rpc_call_ssh_ca_list, api_ssh_ca_list},
    {&rpc_call_ssh_ca_remove, api_ssh_ca_remove},
    {&rpc_call_ssh_revocation_add, api_ssh_revocation_add},
    {&rpc_call_ssh_revocation_list, api_ssh_revocation_list},
    {&rpc_call_ssh_revocation_remove, api_ssh_revocation_remove},
    {&rpc_call_org_get, api_org_get},
    {&rpc_call_org_set_recorded, api_org_set_recorded},
    {&rpc_call_recording_list, api_recording_list},
    {&rpc_call_recording_get, api_recording_get},
};

/* Room for any request struct of the table. */
union request {
	struct rpc_api_auth_token_req api_auth_token;
	struct rpc_ssh_key_add_req ssh_key_add;
	struct rpc_token_create_req token_create;
	struct rpc_ssh_access_req ssh_access;
	struct rpc_ssh_revocation_add_req ssh_revocation_add;
	uint64_t align;
};

static int
serve_message(struct broker *broker, struct rpc_message *message)
{
	struct api_context context = {.broker = broker, .message = message};
	uint32_t id = message->header.id;
	union request request;
	int r;

	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		const struct rpc_call *call = answers[i].call;

		if (call->number != message->header.number)
			continue;
		if (call->request->struct_size > sizeof request)
			return -EBADMSG;
		r = rpc_open_request(call, message, &request);
		if (r < 0)
			return r;
		context.call = call;
		r = answers[i].answer(&context, &request);
		if (r == 0)
			return 0;
		if (context.err.code == 0)
			return r; /* the reply could not be sent */
		return rpc_send_error(broker->http_fd, call->number, id,
		    &context.err, MSG_DONTWAIT);
	}
	return -EBADMSG;
}

int
broker_api_serve(struct broker *broker)
{
	for (int i = 0; i < SERVE_BURST; i++) {
		auto_rpc_message struct rpc_message message = {0};
		struct pollfd room = {broker->http_fd, POLLOUT, 0};
		int r;

		/*
		 * A writable socket takes the largest reply whole: read on
		 * only then.
		 */
		if (poll(&room, 1, 0) < 0 || !(room.revents & POLLOUT)) {
			(void)sd_event_source_set_io_events(broker->http_io,
			    EPOLLOUT);
			return room.revents & POLLHUP ? -EPIPE : 0;
		}
		(void)sd_event_source_set_io_events(broker->http_io, EPOLLIN);
		r = rpc_receive(broker->http_fd, &message, MSG_DONTWAIT);
		if (r == -EAGAIN)
			return 0;
		if (r == 0)
			return -EPIPE;
		if (r > 0)
			r = serve_message(broker, &message);
		if (r < 0) {
			log_error("gateway-http cut off: call=%u: %s",
			    message.header.number, strerror(-r));
			return r;
		}
	}
	return 0;
}
