// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/broker_client.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* What came back for one call. */
struct answer {
	int n, code;
	uint32_t connections;
};

static void
take(void *arg, const void *reply, struct rpc_message *message,
    const struct err *err)
{
	struct answer *answer = arg;
	const struct rpc_gateway_status_rep *status = reply;

	answer->n++;
	assert((reply == NULL) == (message == NULL));
	if (reply == NULL)
		answer->code = err->code;
	else
		answer->connections = status->connections;
}

static uint32_t
receive_request(int fd)
{
	auto_rpc_message struct rpc_message message = {0};

	assert(rpc_receive(fd, &message, 0) == 1);
	assert(message.header.number == rpc_call_gateway_status.number);
	return message.header.id;
}

static void
answer(int fd, uint32_t id, uint32_t connections)
{
	struct rpc_gateway_status_rep reply = {.version = "", .ssh_host = "",
	    .connections = connections};

	assert(rpc_send_reply(fd, &rpc_call_gateway_status, id, &reply, NULL,
	    0, 0) == 0);
}

static void
ask(struct broker_client *client, struct answer *answer)
{
	const struct rpc_gateway_status_req request = {};

	assert(broker_client_ask(client, &rpc_call_gateway_status, &request,
	    take, answer) == 0);
}

int
main(void)
{
	const struct rpc_gateway_status_req request = {};
	struct broker_client client;
	struct answer first = {0}, second = {0}, third = {0};
	struct err err = {0};
	uint32_t ids[3];
	int pair[2];

	broker_client_init(&client, -1);
	assert(broker_client_ask(&client, &rpc_call_gateway_status, &request,
	    take, &first) == -ENOTCONN);
	assert(fd_seqpacket_pair(pair) == 0);
	broker_client_init(&client, pair[0]);
	broker_client_receive(&client);

	/* Answers find their call whatever their order. */
	ask(&client, &first);
	ask(&client, &second);
	ask(&client, &third);
	for (size_t i = 0; i < 3; i++)
		ids[i] = receive_request(pair[1]);
	answer(pair[1], ids[1], 2);
	answer(pair[1], ids[0], 1);
	answer(pair[1], ids[0], 9); /* a second answer is nobody's */
	broker_client_forget(&client, &third);
	answer(pair[1], ids[2], 3);
	broker_client_receive(&client);
	assert(first.n == 1 && first.connections == 1);
	assert(second.n == 1 && second.connections == 2);
	assert(third.n == 0);

	/* Errors have the broker's words; one too many waits. */
	ask(&client, &first);
	err_set(&err, EACCES, "no");
	assert(rpc_send_error(pair[1], rpc_call_gateway_status.number,
	    receive_request(pair[1]), &err, 0) == 0);
	broker_client_receive(&client);
	assert(first.n == 2 && first.code == EACCES);
	for (size_t i = 0; i < BROKER_CLIENT_CALLS_MAX; i++)
		ask(&client, &second);
	assert(broker_client_ask(&client, &rpc_call_gateway_status, &request,
	    take, &third) == -EAGAIN);

	/* It may end the session, and says why. */
	assert(client.ending[0] == '\0');
	assert(rpc_send_request(pair[1], &rpc_call_session_end, 0,
	    &(struct rpc_session_end_event){.words = "revoked"}, NULL, 0,
	    0) == 0);
	broker_client_receive(&client);
	assert(strcmp(client.ending, "revoked") == 0);

	/* Who waits when the broker goes is told, once. */
	fd_close(&pair[1]);
	broker_client_receive(&client);
	assert(client.fd < 0 && second.code == EPIPE);
	assert(second.n == 1 + BROKER_CLIENT_CALLS_MAX);
	broker_client_fini(&client);
	puts("ok");
	return 0;
}
