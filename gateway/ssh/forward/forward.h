// SPDX-License-Identifier: Apache-2.0
/*
 * One forwarded connection: a socket of the sandbox, which init has connected
 * or a listener has accepted, and an SSH channel that the client has opened
 * (direct-tcpip, direct-streamlocal@openssh.com) or is asked to open
 * (forwarded-*, auth-agent@openssh.com, x11).
 */
#pragma once

#include "gateway/ssh/forward/forwarding.h"
#include "gateway/ssh/init_client.h"
#include "gateway/ssh/libssh/packet_fields.h"
#include "gateway/ssh/relay.h"

/* Reasons of RFC 4254, section 5.1. */
enum forward_refusal {
	FORWARD_PROHIBITED = 1,
	FORWARD_CONNECT_FAILED = 2,
	FORWARD_RESOURCE_SHORTAGE = 4,
};

enum forward_state {
	FORWARD_WANTED,	   /* the client asked; init is to be asked */
	FORWARD_DIALLING,  /* init was */
	FORWARD_ACCEPTING, /* connected; the client is to be told */
	FORWARD_OPENING,   /* the client was asked */
	FORWARD_OPEN,
	FORWARD_CLOSED, /* free it */
};

struct forward {
	struct relay relay; /* first: libssh's callbacks are given this */
	struct forward *next;
	struct forwarding *all;
	enum forward_state state;

	/* What the client wants dialled. */
	bool is_unix;
	uint32_t sender, window_bytes, max_packet_bytes;
	uint32_t call_id;

	/* Its type, static, and what is dialled; the target is owned. */
	struct forward_record record;

	int socket_fd;	 /* owned, until the relay has it; -1 = none */
	size_t n_polled; /* entries forward_collect filled */
};

/*
 * For the packet watch's hook: takes a CHANNEL_OPEN of a type that is dialled
 * and returns true, or leaves it to libssh. `rest` is what follows the type.
 */
bool forward_take_open(struct forwarding *all, const char *type,
    struct packet_reader *rest);

/*
 * Opens a channel of this type (static; the payload as in packet_open) for a
 * socket that came from inside, which becomes the forward's, also on failure.
 */
int forward_open(struct forwarding *all, int socket_fd, const char *type,
    const void *payload, size_t size);

/* Init's answer to a dial, or that there will be none (err says why). */
void forward_answer(struct forward *forward, struct init_event *event);
void forward_fail(struct forward *forward, int code);

/* As relay_turn and so on; forwards that are CLOSED want forward_free. */
void forward_turn(struct forward *forward, int *timeout_ms);
void forward_free(struct forward *forward);

/* Tells the broker, for the audit log; kind is an enum broker_forward. */
void forward_note(struct forwarding *all, uint32_t kind, const char *target,
    uint32_t port);
