// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/broker_client.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

static int
take_event(void *arg, const struct rpc_message *message)
{
	struct broker_client *client = arg;
	struct rpc_session_end_event event;
	int r = rpc_open_request(&rpc_call_session_end, message, &event);

	if (r == 0)
		snprintf(client->ending, sizeof client->ending, "%s",
		    event.words);
	return r;
}

void
broker_client_init(struct broker_client *client, int fd)
{
	const struct rpc_client_options options = {
	    .calls_max = BROKER_CLIENT_CALLS_MAX,
	    .queue_bytes_max = BROKER_CLIENT_QUEUE_BYTES_MAX,
	    .hangup = "the gateway was restarted; connect again",
	    .event = take_event, .arg = client};
	struct err err;

	*client = (struct broker_client){.fd = -1};
	if (fd < 0)
		return;
	if (rpc_client_new(&options, &client->rpc, &err) < 0) {
		fd_close(&fd);
		return;
	}
	rpc_client_connect(client->rpc, fd);
	client->fd = fd;
}

void
broker_client_fini(struct broker_client *client)
{
	rpc_client_free(client->rpc);
	*client = (struct broker_client){.fd = -1};
}

void
broker_client_tell_left(int claim_fd)
{
	const struct rpc_session_left_event event = {};

	if (claim_fd >= 0)
		(void)rpc_send_request(claim_fd, &rpc_call_session_left, 0,
		    &event, NULL, 0, MSG_DONTWAIT);
}

int
broker_client_ask(struct broker_client *client, const struct rpc_call *call,
    const void *request, rpc_client_done *take, void *arg)
{
	struct err err;
	int r;

	if (client->fd < 0)
		return -ENOTCONN;
	r = rpc_client_call(client->rpc, &(struct rpc_client_call){
	    .row = call, .request = request, .done = take, .arg = arg}, NULL,
	    &err);
	return r == -EBUSY ? -EAGAIN : r;
}

void
broker_client_tell(struct broker_client *client, const struct rpc_call *call,
    const void *event)
{
	(void)broker_client_ask(client, call, event, NULL, NULL);
}

void
broker_client_forget(struct broker_client *client, const void *arg)
{
	if (client->rpc != NULL)
		rpc_client_forget(client->rpc, arg);
}

short
broker_client_events(const struct broker_client *client)
{
	return client->fd < 0 ? 0 : (short)rpc_client_events(client->rpc);
}

void
broker_client_receive(struct broker_client *client)
{
	if (client->fd < 0)
		return;
	rpc_client_ready(client->rpc);
	client->fd = rpc_client_fd(client->rpc);
}
