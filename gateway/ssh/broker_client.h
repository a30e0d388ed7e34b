// SPDX-License-Identifier: Apache-2.0
/*
 * What a session asks of the broker after its login (protocol/broker.def): each
 * call is sent without waiting and answered through its own function. Where
 * the broker is gone, because it was restarted, every call fails and what runs
 * goes on.
 */
#pragma once

#include <stdbool.h>

#include "gateway/protocol/broker_calls.h"

/* Calls under way at once; one more waits for an answer (-EAGAIN). */
#define BROKER_CLIENT_CALLS_MAX 64

/*
 * Takes the answer to one call. `reply` is the call's rpc_NAME_rep, whose
 * strings and descriptors live in *message until the return: take what is
 * wanted with take_fd. NULL, both, where *err says what went wrong.
 */
struct broker_client_call {
	uint32_t id; /* 0 = free */
	const struct rpc_call *call;
	void (*take)(void *arg, const void *reply, struct rpc_message *message,
	    const struct err *err);
	void *arg;
};

struct broker_client {
	int fd; /* owned; -1 = gone */
	uint32_t last_id;
	bool is_full; /* a request did not fit into the socket */
	char ending[128]; /* why the session is to end; "" = it is not */
	struct broker_client_call calls[BROKER_CLIENT_CALLS_MAX];
};

/* Takes the claim socket (-1 = none). */
void broker_client_init(struct broker_client *client, int fd);

/*
 * Sends one request; take(arg, ...) is called once, later, with the answer.
 * 0, -EAGAIN (again when an answer came, or where is_full says so when the
 * socket has room), -ENOTCONN, another -errno.
 */
int broker_client_ask(struct broker_client *client,
    const struct rpc_call *call, const void *request,
    void (*take)(void *arg, const void *reply, struct rpc_message *message,
    const struct err *err), void *arg);

/* Drops the answers that were for `arg`. */
void broker_client_forget(struct broker_client *client, const void *arg);

/* Says on a claim socket that the session ends by itself, before any login. */
void broker_client_tell_left(int claim_fd);

/* Hands out the answers that are there, and reads what the broker says by
 * itself into `ending`; never waits. */
void broker_client_receive(struct broker_client *client);
