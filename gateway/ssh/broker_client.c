// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/broker_client.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define REPLY_BYTES_MAX 512 /* of a decoded struct, not of its strings */

void
broker_client_init(struct broker_client *client, int fd)
{
	*client = (struct broker_client){.fd = fd};
}

void
broker_client_tell_left(int claim_fd)
{
	const struct rpc_session_left_event event = {};

	if (claim_fd >= 0)
		(void)rpc_send_request(claim_fd, &rpc_call_session_left, 0,
		    &event, NULL, 0, MSG_DONTWAIT);
}

static struct broker_client_call *
find(struct broker_client *client, uint32_t id)
{
	for (size_t i = 0; i < BROKER_CLIENT_CALLS_MAX; i++)
		if (client->calls[i].id == id)
			return &client->calls[i];
	return NULL;
}

int
broker_client_ask(struct broker_client *client, const struct rpc_call *call,
    const void *request, void (*take)(void *arg, const void *reply,
    struct rpc_message *message, const struct err *err), void *arg)
{
	struct broker_client_call *slot = find(client, 0);
	int r;

	if (client->fd < 0)
		return -ENOTCONN;
	if (slot == NULL || call->reply->struct_size > REPLY_BYTES_MAX)
		return slot == NULL ? -EAGAIN : -EINVAL;
	do
		client->last_id++;
	while (client->last_id == 0 || find(client, client->last_id) != NULL);
	r = rpc_send_request(client->fd, call, client->last_id, request, NULL,
	    0, MSG_DONTWAIT);
	if (r == -EAGAIN)
		client->is_full = true;
	if (r == 0)
		*slot = (struct broker_client_call){client->last_id, call,
		    take, arg};
	return r;
}

void
broker_client_forget(struct broker_client *client, const void *arg)
{
	for (size_t i = 0; i < BROKER_CLIENT_CALLS_MAX; i++)
		if (client->calls[i].arg == arg)
			client->calls[i] = (struct broker_client_call){0};
}

/* No answer will come any more. */
static void
lose(struct broker_client *client)
{
	struct err err = {0};

	fd_close(&client->fd);
	err_set(&err, EPIPE, "the gateway was restarted; connect again");
	for (size_t i = 0; i < BROKER_CLIENT_CALLS_MAX; i++) {
		struct broker_client_call call = client->calls[i];

		client->calls[i] = (struct broker_client_call){0};
		if (call.id != 0)
			call.take(call.arg, NULL, NULL, &err);
	}
}

static void
take_reply(struct broker_client *client, struct rpc_message *message)
{
	union {
		uint64_t align;
		uint8_t bytes[REPLY_BYTES_MAX];
	} reply;
	struct broker_client_call *slot = NULL, call;
	struct err err = {0};

	if (message->header.kind == RPC_KIND_REPLY && message->header.id != 0)
		slot = find(client, message->header.id);
	if (slot == NULL)
		return; /* forgotten meanwhile */
	call = *slot;
	*slot = (struct broker_client_call){0};
	if (rpc_open_reply(call.call, message, &reply, &err) < 0)
		call.take(call.arg, NULL, NULL, &err);
	else
		call.take(call.arg, &reply, message, &err);
}

static void
take_end(struct broker_client *client, const struct rpc_message *message)
{
	struct rpc_session_end_event event;

	if (rpc_open_request(&rpc_call_session_end, message, &event) == 0)
		snprintf(client->ending, sizeof client->ending, "%s",
		    event.words);
}

void
broker_client_receive(struct broker_client *client)
{
	while (client->fd >= 0) {
		auto_rpc_message struct rpc_message message = {0};
		int r = rpc_receive(client->fd, &message, MSG_DONTWAIT);

		if (r == -EAGAIN)
			return;
		if (r == 1 && message.header.number ==
		    rpc_call_session_end.number)
			take_end(client, &message);
		else if (r == 1)
			take_reply(client, &message);
		else
			lose(client);
	}
}
