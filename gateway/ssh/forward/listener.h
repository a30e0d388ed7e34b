// SPDX-License-Identifier: Apache-2.0
/*
 * A socket that listens inside for the client: of a remote forward, for its
 * agent, or as an X display. Init makes it and passes it out; it is accepted
 * from here, and each connection becomes a forward.
 */
#pragma once

#include <poll.h>

#include "gateway/ssh/forward/forwarding.h"
#include "gateway/ssh/init_client.h"
#include "gateway/ssh/libssh/packet_fields.h"

#define FORWARD_LISTENER_FDS 2

enum forward_listener_kind {
	FORWARD_LISTENER_TCP,
	FORWARD_LISTENER_UNIX,
	FORWARD_LISTENER_AGENT,
	FORWARD_LISTENER_X11,
	N_FORWARD_LISTENER
};

enum forward_listener_state {
	FORWARD_LISTENER_WANTED, /* init is to be asked */
	FORWARD_LISTENER_ASKED,
	FORWARD_LISTENER_LISTENING,
	FORWARD_LISTENER_FAILED, /* of agent and X11: there is none */
	FORWARD_LISTENER_ENDED,	 /* free it */
};

struct forward_listener {
	struct forward_listener *next;
	struct forwarding *forwarding;
	enum forward_listener_kind kind;
	enum forward_listener_state state;
	struct global_request *request; /* that is owed an answer, or NULL */
	char *address;			/* or path, as the client wrote it */
	uint32_t port;	 /* that is listened on, once it is known */
	bool tells_port; /* the client left it to us */
	char *protocol, *cookie; /* X11 */
	uint32_t screen;
	bool is_single; /* one connection, then it ends */
	uint32_t call_id;
	char text[INIT_EVENT_TEXT_SIZE]; /* for SSH_AUTH_SOCK or DISPLAY */
	int fds[FORWARD_LISTENER_FDS];
	uint64_t paused_until_ms;
	size_t n_polled;
};

/* Rows of request_table.c. */
void forward_listener_take_tcp(struct forwarding *forwarding,
    struct global_request *request, struct packet_reader *rest);
void forward_listener_cancel_tcp(struct forwarding *forwarding,
    struct global_request *request, struct packet_reader *rest);
void forward_listener_take_unix(struct forwarding *forwarding,
    struct global_request *request, struct packet_reader *rest);
void forward_listener_cancel_unix(struct forwarding *forwarding,
    struct global_request *request, struct packet_reader *rest);

/*
 * The listener for the client's agent, made once a connection, or for an X
 * display (its strings are copied). NULL where there cannot be one. They stay
 * until forward_listener_end, whatever becomes of them.
 */
struct forward_listener *forward_listener_agent(struct forwarding *forwarding);
struct forward_listener *forward_listener_x11(struct forwarding *forwarding,
    const char *protocol, const char *cookie, uint32_t screen, bool is_single);

/* No more connections from now on; it is freed with the next turn. */
void forward_listener_end(struct forward_listener *listener);

/* Whether what it is for has to wait for it; false where it is NULL. */
bool forward_listener_is_due(const struct forward_listener *listener);

/* Init's answer, or that there will be none. */
void forward_listener_answer(struct forward_listener *listener,
    struct init_event *event);
void forward_listener_fail(struct forward_listener *listener,
    const char *words);

/* Init has gone, and with it what listened. */
void forward_listener_lose(struct forward_listener *listener);

/* Asks init for it, where it is wanted still. */
void forward_listener_turn(struct forward_listener *listener);

/* Closes its sockets and takes it off the list. */
void forward_listener_free(struct forward_listener *listener);

/* What it waits for: entries of fds[FORWARD_LISTENER_FDS], and what poll
 * found for them. */
size_t forward_listener_collect(struct forward_listener *listener,
    struct pollfd *fds, int *timeout_ms);
void forward_listener_ready(struct forward_listener *listener,
    const struct pollfd *fds);
