// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker_api.h"

#include <errno.h>
#include <poll.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/log.h"
#include "common/parse.h"
#include "gateway/api_auth.h"
#include "gateway/audit.h"
#include "gateway/broker.h"
#include "gateway/broker_calls.h"
#include "gateway/broker_recording.h"
#include "keys/access.h"
#include "keys/token.h"
#include "keys/user_key.h"

#define LIST_SIZE   131072 /* of the records of one list */
#define RECORD_SIZE 1024
#define SERVE_BURST 16

/* A list or a record being encoded. */
struct records {
	uint8_t *data;
	size_t size, used;
	uint32_t count;
};

/* One call being answered; the request points into the message. */
struct context {
	struct broker *broker;
	const struct rpc_call *call;
	struct rpc_message *message;
	struct api_identity who;
	struct err err;
};

static int
reply(const struct context *context, const void *data)
{
	return rpc_send_reply(context->broker->http_fd, context->call,
	    context->message->header.id, data, NULL, 0, MSG_DONTWAIT);
}

/* Checks the identity that nearly every request begins with. */
static int
identify(struct context *context, uint64_t number)
{
	return api_identity_find(&context->broker->identities,
	    context->broker->store, number, broker_now_ms(), &context->who,
	    &context->err);
}

static void
audit(const struct context *context, const char *event, const char *key,
    const char *value)
{
	(void)audit_write(context->broker->audit_fd, event, "org",
	    context->who.org, "user", context->who.user, key, value, NULL);
}

static int
put_record(struct records *records, const struct rpc_layout *layout,
    const void *record)
{
	ptrdiff_t n = rpc_encode(layout, record, records->data + records->used,
	    records->size - records->used);

	if (n < 0)
		return (int)n;
	records->used += (size_t)n;
	records->count++;
	return 0;
}

static int
put_key(void *arg, const struct user_key *key)
{
	const struct rpc_ssh_key_info info = {.id = (uint64_t)key->id,
	    .name = key->name, .algorithm = key->algorithm,
	    .fingerprint = key->fingerprint,
	    .created_ms = (uint64_t)key->created_ms,
	    .last_used_ms = (uint64_t)key->last_used_ms};

	return put_record(arg, &rpc_layout_ssh_key_info, &info);
}

static int
put_token(void *arg, const struct token *token)
{
	const struct rpc_token_info info = {.id = (uint64_t)token->id,
	    .name = token->name, .created_ms = (uint64_t)token->created_ms,
	    .expires_ms = (uint64_t)token->expires_ms,
	    .last_used_ms = (uint64_t)token->last_used_ms,
	    .is_revoked = token->revoked_ms != 0};

	return put_record(arg, &rpc_layout_token_info, &info);
}

static struct rpc_bytes
as_bytes(const struct records *records)
{
	return (struct rpc_bytes){records->data, (uint32_t)records->used};
}

static int
answer_ssh_key_add(struct context *context, const void *data)
{
	const struct rpc_ssh_key_add_req *request = data;
	uint8_t buffer[RECORD_SIZE];
	struct records records = {.data = buffer, .size = sizeof buffer};
	struct user_key key;
	int r = identify(context, request->identity);

	if (r == 0)
		r = user_key_add(context->broker->store, context->who.user_id,
		    request->name, request->line, broker_now_ms(), &key,
		    &context->err);
	if (r == 0)
		r = put_key(&records, &key);
	if (r < 0)
		return r;
	audit(context, "ssh_key_add", "key", key.fingerprint);
	return reply(context, &(struct rpc_ssh_key_add_rep){
	    as_bytes(&records)});
}

static int
answer_ssh_key_list(struct context *context, const void *data)
{
	const struct rpc_ssh_key_list_req *request = data;
	auto_free uint8_t *buffer = malloc(LIST_SIZE);
	struct records records = {.data = buffer, .size = LIST_SIZE};
	int r;

	if (buffer == NULL)
		return err_set(&context->err, ENOMEM, "out of memory");
	r = identify(context, request->identity);
	/* So that the list knows of a login just now. */
	if (r == 0)
		r = store_flush(context->broker->store, &context->err);
	if (r == 0)
		r = user_key_list(context->broker->store, context->who.user_id,
		    put_key, &records, &context->err);
	if (r == -EMSGSIZE)
		return err_set(&context->err, E2BIG, "too many keys to list");
	if (r < 0)
		return r;
	return reply(context, &(struct rpc_ssh_key_list_rep){records.count,
	    as_bytes(&records)});
}

static int
answer_ssh_key_remove(struct context *context, const void *data)
{
	const struct rpc_ssh_key_remove_req *request = data;
	int r = identify(context, request->identity);

	if (r == 0)
		r = user_key_remove(context->broker->store,
		    context->who.user_id, (int64_t)request->id,
		    &context->err);
	if (r < 0)
		return r;
	audit(context, "ssh_key_remove", NULL, NULL);
	return reply(context, &(struct rpc_ssh_key_remove_rep){});
}

static int
answer_token_create(struct context *context, const void *data)
{
	const struct rpc_token_create_req *request = data;
	uint8_t buffer[RECORD_SIZE];
	struct records records = {.data = buffer, .size = sizeof buffer};
	char text[TOKEN_SIZE] = "";
	struct token token;
	int r = identify(context, request->identity);

	if (r == 0)
		r = token_create(context->broker->store, context->who.user_id,
		    request->name, request->ttl_ms, broker_now_ms(), text,
		    &token, &context->err);
	if (r == 0)
		r = put_token(&records, &token);
	if (r < 0)
		return r;
	audit(context, "token_create", "token", token.name);
	r = reply(context, &(struct rpc_token_create_rep){text,
	    as_bytes(&records)});
	sodium_memzero(text, sizeof text);
	return r;
}

static int
answer_token_list(struct context *context, const void *data)
{
	const struct rpc_token_list_req *request = data;
	auto_free uint8_t *buffer = malloc(LIST_SIZE);
	struct records records = {.data = buffer, .size = LIST_SIZE};
	int r;

	if (buffer == NULL)
		return err_set(&context->err, ENOMEM, "out of memory");
	r = identify(context, request->identity);
	if (r == 0)
		r = store_flush(context->broker->store, &context->err);
	if (r == 0)
		r = token_list(context->broker->store, context->who.user_id,
		    put_token, &records, &context->err);
	if (r == -EMSGSIZE)
		return err_set(&context->err, E2BIG, "too many tokens to list");
	if (r < 0)
		return r;
	return reply(context, &(struct rpc_token_list_rep){records.count,
	    as_bytes(&records)});
}

static int
answer_token_revoke(struct context *context, const void *data)
{
	const struct rpc_token_revoke_req *request = data;
	int r = identify(context, request->identity);

	if (r == 0)
		r = token_revoke(context->broker->store, context->who.user_id,
		    (int64_t)request->id, broker_now_ms(), &context->err);
	if (r < 0)
		return r;
	audit(context, "token_revoke", NULL, NULL);
	return reply(context, &(struct rpc_token_revoke_rep){});
}

static struct rpc_strv
host_keys(const struct broker *broker)
{
	return (struct rpc_strv){broker->host_keys, broker->host_keys_size,
	    broker->n_host_keys};
}

/* An access call while sandboxd is asked whose sandbox it is. */
struct access {
	struct broker *broker;
	uint64_t http_generation;
	uint32_t id;
	struct api_identity who;
	struct rpc_message message; /* what request points into */
	struct rpc_ssh_access_req request;
};

static int
grant(struct access *access, struct err *err)
{
	struct broker *broker = access->broker;
	struct rpc_ssh_access_rep answer = {
	    .host = broker->settings.ssh_host, .port = broker->ssh_port,
	    .host_keys = host_keys(broker)};
	int64_t expires_ms;
	int r = access_grant(broker->store, access->who.user_id,
	    access->request.sandbox_id, access->request.line,
	    access->request.ttl_ms, broker_now_ms(), &expires_ms, err);

	if (r < 0)
		return r;
	answer.expires_ms = (uint64_t)expires_ms;
	(void)audit_write(broker->audit_fd, "ssh_access", "org",
	    access->who.org, "user", access->who.user, "sandbox",
	    access->request.sandbox_id, NULL);
	return rpc_send_reply(broker->http_fd, &rpc_call_ssh_access,
	    access->id, &answer, NULL, 0, MSG_DONTWAIT);
}

static void
on_access_checked(void *arg, int cap_fd, const struct err *failure)
{
	struct access *access = arg;
	struct err err = {0};
	int r = 0;

	fd_close(&cap_fd); /* that it opened was the question */
	if (access->http_generation == access->broker->http_generation) {
		if (failure != NULL)
			err = *failure;
		else
			r = grant(access, &err);
		if (failure != NULL || r < 0)
			(void)rpc_send_error(access->broker->http_fd,
			    rpc_call_ssh_access.number, access->id, &err,
			    MSG_DONTWAIT);
	}
	rpc_message_free(&access->message);
	free(access);
}

static int
answer_ssh_access(struct context *context, const void *data)
{
	const struct rpc_ssh_access_req *request = data;
	struct broker *broker = context->broker;
	struct rpc_cap_open_req cap = {.sandbox_id = request->sandbox_id,
	    .rights = RPC_RIGHT_LIST, .audit = "ssh_access"};
	struct access *access;
	int r = identify(context, request->identity);

	if (r < 0)
		return r;
	if (!sandbox_id_is_valid(request->sandbox_id))
		return err_set(&context->err, ENOENT, "no such sandbox");
	access = calloc(1, sizeof *access);
	if (access == NULL)
		return err_set(&context->err, ENOMEM, "out of memory");
	*access = (struct access){.broker = broker,
	    .http_generation = broker->http_generation,
	    .id = context->message->header.id, .who = context->who,
	    .message = *context->message, .request = *request};
	cap.org = access->who.org;
	r = sandboxd_client_cap_open(broker->sandboxd, &cap,
	    BROKER_API_WAIT_MS, on_access_checked, access, &context->err);
	if (r < 0) {
		free(access);
		return r;
	}
	memset(context->message, 0, sizeof *context->message);
	return 0;
}

static int
answer_gateway_status(struct context *context, const void *data)
{
	const struct broker *broker = context->broker;

	(void)data;
	return reply(context, &(struct rpc_gateway_status_rep){
	    .version = SANDGATE_VERSION, .started_ms = broker->started_ms,
	    .connections = broker->n_connections,
	    .ssh_host = broker->settings.ssh_host,
	    .ssh_port = broker->ssh_port, .host_keys = host_keys(broker)});
}

static int
answer_api_auth_peer(struct context *context, const void *data)
{
	(void)data;
	return api_auth_peer(context->broker, context->message,
	    &context->err);
}

static int
answer_api_auth_token(struct context *context, const void *data)
{
	return api_auth_token(context->broker, context->message, data,
	    &context->err);
}

static int
answer_org_get(struct context *context, const void *data)
{
	return broker_recording_org_get(context->broker, context->message,
	    data, &context->err);
}

static int
answer_org_set_recorded(struct context *context, const void *data)
{
	return broker_recording_org_set(context->broker, context->message,
	    data, &context->err);
}

static int
answer_recording_list(struct context *context, const void *data)
{
	return broker_recording_list(context->broker, context->message, data,
	    &context->err);
}

static int
answer_recording_get(struct context *context, const void *data)
{
	return broker_recording_get(context->broker, context->message, data,
	    &context->err);
}

static const struct {
	const struct rpc_call *call;
	int (*answer)(struct context *context, const void *request);
} answers[] = {
    {&rpc_call_api_auth_peer, answer_api_auth_peer},
    {&rpc_call_api_auth_token, answer_api_auth_token},
    {&rpc_call_ssh_key_add, answer_ssh_key_add},
    {&rpc_call_ssh_key_list, answer_ssh_key_list},
    {&rpc_call_ssh_key_remove, answer_ssh_key_remove},
    {&rpc_call_token_create, answer_token_create},
    {&rpc_call_token_list, answer_token_list},
    {&rpc_call_token_revoke, answer_token_revoke},
    {&rpc_call_ssh_access, answer_ssh_access},
    {&rpc_call_gateway_status, answer_gateway_status},
    {&rpc_call_org_get, answer_org_get},
    {&rpc_call_org_set_recorded, answer_org_set_recorded},
    {&rpc_call_recording_list, answer_recording_list},
    {&rpc_call_recording_get, answer_recording_get},
};

/* Room for any request struct of the table. */
union request {
	struct rpc_api_auth_token_req api_auth_token;
	struct rpc_ssh_key_add_req ssh_key_add;
	struct rpc_token_create_req token_create;
	struct rpc_ssh_access_req ssh_access;
	uint64_t align;
};

static int
serve_message(struct broker *broker, struct rpc_message *message)
{
	struct context context = {.broker = broker, .message = message};
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
