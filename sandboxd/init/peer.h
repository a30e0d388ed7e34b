// SPDX-License-Identifier: Apache-2.0
/*
 * One connection to init. What is owed to a peer that does not read waits;
 * meanwhile nothing more is read from it (common/rpc_server.h).
 */
#pragma once

#include <stdbool.h>

#include "common/rpc_server.h"
#include "sandboxd/init/init.h"

#define ANSWER_TEXT_SIZE 108

/* What may wait for one peer: the ends of all its processes, and its dials. */
#define PEER_QUEUE_MESSAGES_MAX (2 * INIT_PROCESSES_MAX)
#define PEER_QUEUE_BYTES_MAX	(1024 * 1024)

/* A reply being made, with the descriptors it owns. */
struct answer {
	const struct rpc_call *call;
	uint32_t id;	/* of the request */
	struct err err; /* code != 0: this instead of the struct below */
	union {
		struct rpc_init_setup_rep init_setup;
		struct rpc_spawn_rep spawn;
		struct rpc_run_rep run;
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
		struct rpc_process_start_rep process_start;
		struct rpc_process_list_rep process_list;
		struct rpc_process_attach_rep process_attach;
		struct rpc_process_signal_rep process_signal;
		struct rpc_process_view_rep process_view;
		struct rpc_process_get_rep process_get;
	};
	char text[ANSWER_TEXT_SIZE]; /* behind a STR of the above */
	uint8_t *records;	     /* behind a LIST of it; owned */
	int fds[SPAWN_FDS_MAX];
	size_t n_fds;
	int given_fd; /* that came with the request; owned; -1 = none */
};

struct peer {
	struct watch watch; /* first: a watch is its peer */
	struct rpc_server server;
	struct init *init;
	struct peer *next;
	char *forced_command; /* what alone it runs; owned; NULL = any */
	uint64_t hello_deadline_ms; /* and when a refused one is dropped */
	uint32_t n_others_told; /* of the last peers event */
	struct rpc_message held; /* a spawn that waits for init_setup */
	bool is_holding;
	bool is_refused; /* there were too many: each call is told so */
};

/* Takes over a fresh connection; refuses it where there are too many. */
void peer_accept(struct init *init, int fd);

/* Sends the answer or queues it; takes ownership. The peer stays. */
void peer_answer(struct peer *peer, struct answer *answer);

/* Keeps the message, which leaves zeroes, until init is set up. */
void peer_hold(struct peer *peer, struct rpc_message *message);

/* Closes the connection and forgets what was its; frees the peer. */
void peer_drop(struct peer *peer);

/* Takes no room of the others any more, and is told so by each call; a moment
 * later it is dropped, or now where too many are told. */
void peer_refuse(struct peer *peer);

/* Handles the spawns that waited for init_setup. */
void peer_release_held(struct init *init);

/* Tells the control connections how many others there are, where they know
 * another number; once a turn. */
void peer_tell_count(struct init *init);

/* An empty answer to a message, or NULL. */
struct answer *answer_new(const struct rpc_call *call, uint32_t id);
void answer_free(struct answer *answer);
