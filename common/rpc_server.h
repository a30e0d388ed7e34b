// SPDX-License-Identifier: Apache-2.0
/*
 * One connection that makes calls, as its server sees it: what
 * docs/PROTOCOL.md says a server does with a message, in that order. Nothing
 * here waits or knows of an event loop; the server is told when it is to watch
 * for something else.
 *
 * Replies that the socket does not take are queued, and nothing more is read
 * from the peer until they have gone; one that has more waiting than the limits
 * say is dropped. What a peer can make us keep is thus bounded by them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "common/rpc.h"

/* Rows of one table, at most. */
#define RPC_SERVER_ROWS_MAX 64

struct rpc_server_queued;

/* What one kind of server does; the same for all its connections. `arg` is the
 * connection's, as given to rpc_server_init. */
struct rpc_server_table {
	/* The rows it serves, by 0, 1, ...; NULL after the last. */
	const struct rpc_call *(*row)(size_t i);
	/*
	 * Serves a message of row i that has passed every check: replies, now
	 * or later. -errno with words is answered so; it drops the peer where
	 * the row is an event. May end the connection (rpc_server_fini). The
	 * request's strings live in the message, whose descriptors may be
	 * taken; whoever takes all of it leaves zeroes.
	 */
	int (*serve)(void *arg, size_t i, struct rpc_message *message,
	    const void *request, struct err *err);
	/*
	 * Asked about a request whose row does not admit this peer, or not
	 * now, or not again: 0 where it has been answered, -errno to drop the
	 * peer, as happens where this is NULL.
	 */
	int (*deny)(void *arg, const struct rpc_message *message,
	    const struct rpc_call *row);
	/* The peer is to go; why is NULL where it hung up. Called from
	 * rpc_server_ready and _serve alone, which do nothing after it. */
	void (*drop)(void *arg, const char *why);
	/* To watch for other poll(2) bits from now on; 0 = nothing. */
	void (*watch)(void *arg, uint32_t events);
	size_t queue_messages_max, queue_bytes_max;
	unsigned burst; /* messages read by one rpc_server_ready; 0 = 1 */
};

struct rpc_server {
	const struct rpc_server_table *table;
	void *arg;
	int fd;	       /* owned */
	uint32_t who;  /* the kind of peer it is now: bits of `who` columns */
	uint32_t rights; /* that it holds now */
	/* The rest is rpc_server.c's. */
	uint64_t served; /* rows that are once and were */
	TAILQ_HEAD(, rpc_server_queued) queue;
	size_t n_queued, queued_bytes;
	bool is_paused;
	char broken[64]; /* why it is to be dropped; "" = it is not */
	bool *ret_is_gone; /* set when it ends while it serves */
};

/* Takes over fd; the owner then watches it for POLLIN. */
void rpc_server_init(struct rpc_server *server,
    const struct rpc_server_table *table, int fd, uint32_t who, void *arg);

/* Closes; what is queued is lost. The owner no longer watches the socket. */
void rpc_server_fini(struct rpc_server *server);

/* The socket is ready, by poll(2)'s bits. The connection may be gone after. */
void rpc_server_ready(struct rpc_server *server, uint32_t events);

/* Serves a message as one that was just received. False where the connection
 * is gone. */
bool rpc_server_serve(struct rpc_server *server, struct rpc_message *message);

/* While it is paused, nothing is read from the peer. */
void rpc_server_pause(struct rpc_server *server, bool is_paused);

/*
 * Answer a request, or tell an event; descriptors stay the caller's. What
 * cannot be sent or queued drops the peer, but not from within these: the
 * caller need not know. No-ops once that is so.
 */
void rpc_server_reply(struct rpc_server *server, const struct rpc_call *row,
    uint32_t id, const void *reply, const int *fds, size_t n_fds);
void rpc_server_error(struct rpc_server *server, uint16_t number, uint32_t id,
    const struct err *err);
void rpc_server_tell(struct rpc_server *server, const struct rpc_call *row,
    const void *event);

/* Sends what was encoded before, maybe by another thread; the frame is taken
 * over. Otherwise as those. */
void rpc_server_send(struct rpc_server *server, struct rpc_frame *frame);

/* Whether the peer has not read all that it was sent. */
bool rpc_server_is_waiting(const struct rpc_server *server);
