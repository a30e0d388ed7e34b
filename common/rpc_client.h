// SPDX-License-Identifier: Apache-2.0
/*
 * Many calls under way over one socket, told apart by id and each answered
 * through its own function. Nothing here waits or knows of an event loop: its
 * owner watches rpc_client_fd for rpc_client_events, and the clock for
 * rpc_client_next_deadline_ms. What the socket does not take now is queued, up
 * to the limits given. One thread.
 *
 * An answer's function may do anything with the client, even free it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/rpc.h"

/* Most messages read by one rpc_client_ready, unless its owner says otherwise;
 * the loop comes back for more. */
#define RPC_CLIENT_BURST 64

struct rpc_client;

/*
 * Takes the answer to one call. `reply` is the row's rpc_NAME_rep, whose
 * strings and descriptors live in *message until the return: take what is
 * wanted with take_fd; err is NULL. Where there is none, `reply` and `message`
 * are NULL and *err says why: the server's own error, ETIMEDOUT at the
 * deadline, EPIPE when the connection ended, EBADMSG for a malformed reply, or
 * what rpc_client_fail was given.
 */
typedef void rpc_client_done(void *arg, const void *reply,
    struct rpc_message *message, const struct err *err);

/* How a client is; `arg` is given to its functions. */
struct rpc_client_options {
	size_t calls_max;       /* under way at once, sent or not */
	size_t queue_bytes_max; /* of requests that are kept */
	size_t sent_max; /* without an answer at once; 0 = calls_max */
	unsigned burst;  /* messages read at a time; 0 = RPC_CLIENT_BURST */
	/*
	 * true: calls outlive their connection. What has no answer when it
	 * ends is sent again over the next one (rpc_client_connect), and calls
	 * may be made while there is none. false: they fail with EPIPE.
	 */
	bool is_persistent;
	/*
	 * true: so do calls that were never sent, and they alone: the server
	 * has not seen them, while of the others nobody knows.
	 */
	bool keeps_unsent;
	const char *hangup; /* words of that EPIPE; NULL = some */
	/* Takes a message that is no reply. -errno ends the connection, as it
	 * does where this is NULL. */
	int (*event)(void *arg, const struct rpc_message *message);
	/* The connection ended, whatever ended it: before calls fail by that.
	 * May do anything with the client, even free it. May be NULL. */
	void (*ended)(void *arg);
	void *arg;
	/* What rpc_client_fd, _events or _next_deadline_ms return may have
	 * changed; NULL = the owner asks each turn. May call only these. */
	void (*changed)(void *changed_arg);
	void *changed_arg;
};

/* One call to be made; what it points to is copied where it is needed. */
struct rpc_client_call {
	const struct rpc_call *row;
	const void *request;
	const int *fds; /* stay the caller's */
	size_t n_fds;
	uint64_t deadline_ms;  /* CLOCK_MONOTONIC; 0 = none */
	rpc_client_done *done; /* NULL for rows that are events */
	void *arg;
};

/* A client without a connection. *ret is the caller's to rpc_client_free. */
int rpc_client_new(const struct rpc_client_options *options,
    struct rpc_client **ret, struct err *err);

/* Closes; calls under way are answered to nobody. NULL is accepted. */
void rpc_client_free(struct rpc_client *client);

/* Takes over fd, a connected SOCK_SEQPACKET socket, in place of what there
 * was; sends what waits. -1 = hangs up. */
void rpc_client_connect(struct rpc_client *client, int fd);

/*
 * Makes a call; call->done follows once, never from within this. *ret_id, where
 * not NULL, is its number (never 0). Errors mean that done is not called:
 * -ENOTCONN, -EBUSY (calls_max or queue_bytes_max reached), -EMSGSIZE (a field
 * exceeds its maximum), -ENOMEM, or of the descriptors.
 */
int rpc_client_call(struct rpc_client *client,
    const struct rpc_client_call *call, uint32_t *ret_id, struct err *err);

/* Has every call under way, sent or not, answered with this. */
void rpc_client_fail(struct rpc_client *client, const struct err *err);

/* Answers nobody any more for calls with this arg; unsent ones are not sent. */
void rpc_client_forget(struct rpc_client *client, const void *arg);

/* What to watch: the socket (-1 = none, and calls that wait for one), and the
 * poll(2) bits, which are epoll's as well. */
int rpc_client_fd(const struct rpc_client *client);
uint32_t rpc_client_events(const struct rpc_client *client);

/* When rpc_client_expire is to be called; UINT64_MAX = not at all. */
uint64_t rpc_client_next_deadline_ms(const struct rpc_client *client);

/* Calls under way, and those of them that were not sent yet. */
size_t rpc_client_count(const struct rpc_client *client);
size_t rpc_client_count_unsent(const struct rpc_client *client);

/* The number of the call whose `done` is running. */
uint32_t rpc_client_current_id(const struct rpc_client *client);

/*
 * Sends what waits and reads what is there: answers are told, and the end of
 * the connection, after which rpc_client_fd is -1. May be called at any time.
 */
void rpc_client_ready(struct rpc_client *client);

/*
 * The same for one message, for owners who count them. 1 where there was one,
 * -EAGAIN where there is none, -ENOTCONN where the connection ended or had.
 */
int rpc_client_read_one(struct rpc_client *client);

/* Answers ETIMEDOUT to calls whose deadline has passed; what the server still
 * says to them is dropped. */
void rpc_client_expire(struct rpc_client *client, uint64_t now_ms);
