// SPDX-License-Identifier: Apache-2.0
/*
 * What a session asks of the broker after its login (protocol/broker.def), each
 * call answered through its own function as common/rpc_client.h has it. Where
 * the broker is gone, because it was restarted, every call fails and what runs
 * goes on.
 */
#pragma once

#include "common/rpc_client.h"
#include "gateway/protocol/broker_calls.h"

/* Calls under way at once; one more waits for an answer (-EAGAIN). */
#define BROKER_CLIENT_CALLS_MAX 64

/* Requests that wait for room in the socket; the largest is record_open's. */
#define BROKER_CLIENT_QUEUE_BYTES_MAX (1024 * 1024)

struct broker_client {
	struct rpc_client *rpc; /* NULL = there never was a connection */
	int fd; /* to watch for broker_client_events; -1 = gone */
	char ending[128]; /* why the session is to end; "" = it is not */
};

/* Takes the claim socket (-1 = none). It must stay where it is. */
void broker_client_init(struct broker_client *client, int fd);
void broker_client_fini(struct broker_client *client);

/*
 * Makes one call; take(arg, ...) is called once, later, with the answer. 0,
 * -EAGAIN (again when an answer came), -ENOTCONN, another -errno.
 */
int broker_client_ask(struct broker_client *client,
    const struct rpc_call *call, const void *request, rpc_client_done *take,
    void *arg);

/* Sends an event, unless the broker is gone or has enough to read. */
void broker_client_tell(struct broker_client *client,
    const struct rpc_call *call, const void *event);

/* The poll(2) bits of `fd` that it waits for. */
short broker_client_events(const struct broker_client *client);

/* Drops the answers that were for `arg`. */
void broker_client_forget(struct broker_client *client, const void *arg);

/* Says on a claim socket that the session ends by itself, before any login. */
void broker_client_tell_left(int claim_fd);

/* Sends what waits, hands out the answers that are there, and reads what the
 * broker says by itself into `ending`; never waits. */
void broker_client_receive(struct broker_client *client);
