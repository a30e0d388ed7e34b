// SPDX-License-Identifier: Apache-2.0
/*
 * One connection to init. What is owed to a peer that does not read waits in
 * its queue; meanwhile nothing more is read from it, so the queue is bounded by
 * its own handles and dials.
 */
#pragma once

#include <stdbool.h>

#include "sandboxd/init/init.h"

#define ANSWER_TEXT_SIZE 108

/* A reply or event on its way, with the descriptors it owns. */
struct answer {
	struct answer *next;
	const struct rpc_call *call;
	uint32_t id;	/* of the request; events: 0 */
	struct err err; /* code != 0: this instead of the struct below */
	union {
		struct rpc_init_setup_rep init_setup;
		struct rpc_spawn_rep spawn;
		struct rpc_exited_event exited;
		struct rpc_signal_rep signal;
		struct rpc_dial_tcp_rep dial_tcp;
		struct rpc_ping_rep ping;
		struct rpc_dial_unix_rep dial_unix;
		struct rpc_listen_tcp_rep listen_tcp;
		struct rpc_listen_unix_rep listen_unix;
		struct rpc_agent_listen_rep agent_listen;
		struct rpc_x11_listen_rep x11_listen;
		struct rpc_terminal_attach_rep terminal_attach;
		struct rpc_terminal_resize_rep terminal_resize;
		struct rpc_peers_event peers;
	};
	char text[ANSWER_TEXT_SIZE]; /* behind a STR of the above */
	int fds[SPAWN_FDS_MAX];
	size_t n_fds;
};

struct peer {
	struct watch watch; /* first: a watch is its peer */
	struct init *init;
	struct peer *next;
	bool is_ready; /* has said hello */
	uint32_t rights;
	char *forced_command; /* what alone it runs; owned; NULL = any */
	uint64_t hello_deadline_ms;
	uint32_t n_others_told; /* of the last peers event */
	struct answer *queue, **queue_end;
	struct rpc_message held; /* a spawn that waits for init_setup */
	bool is_holding;
};

/* Takes over a fresh connection; closes it where there are too many. */
void peer_accept(struct init *init, int fd);

/*
 * Sends the answer or queues it; takes ownership. Returns false where that
 * cost the peer its connection: it is freed then.
 */
bool peer_answer(struct peer *peer, struct answer *answer);

/* Closes the connection and forgets what was its; frees the peer. */
void peer_drop(struct peer *peer);

/* Handles the spawns that waited for init_setup. */
void peer_release_held(struct init *init);

/* Tells the control connections how many others there are, where they know
 * another number; once a turn. */
void peer_tell_count(struct init *init);

/* An empty answer to a message, or NULL. */
struct answer *answer_new(const struct rpc_call *call, uint32_t id);
void answer_free(struct answer *answer);
