// SPDX-License-Identifier: Apache-2.0
/* What the files look*.c share of a connection, and nobody else. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/resolver/guest.h"
#include "gateway/resolver/opening.h"

#define LOOK_HEAD_BYTES (OPENING_BYTES_MAX + OPENING_MORE_BYTES)

enum look_state {
	LOOK_HEAD,    /* what it begins with is not whole */
	LOOK_REACH,   /* sandboxd dials */
	LOOK_AGAIN,   /* or will, in a moment */
	LOOK_CONNECT, /* and that is under way */
	LOOK_SEND,    /* the head goes on to the server */
	LOOK_HAND,    /* the relay is to have it */
	LOOK_PASS,    /* and has it */
	LOOK_CUT,     /* and is to end it */
};

/* One of its two ends. */
struct look_end {
	struct loop_watch watch; /* fd -1 = there is none here */
	uint32_t events;	 /* that are watched for; 0 = none */
};

struct look {
	LIST_ENTRY(look) entry;
	struct resolver *resolver;
	struct guest *guest; /* NULL: it is gone, and the relay has this */
	char id[GUEST_ID_SIZE];
	enum look_state state;
	struct look_end client, server;
	int life_fd; /* the sandbox's, or -1 */
	struct loop_timer timer;
	struct opening opening;
	uint8_t *head; /* LOOK_HEAD_BYTES, owned; NULL: it has gone on */
	size_t start, end; /* what is of it */
	uint8_t address[16]; /* where it was sent */
	uint32_t address_size;
	uint16_t port;
	uint32_t number; /* for the relay */
	unsigned n_tries;
	bool is_asking; /* sandboxd is to answer */
};

/* Watches an end for EPOLL* events, or 0. */
void look_want(struct look *look, struct look_end *end, uint32_t events);

/* Both ends are told that it is over, and it is freed; a descriptor alone. */
void look_reset(struct look *look);
void look_reset_fd(int *fd);

/* Is its guest's no more. */
void look_leave(struct look *look);

/* The server is there: sends it the head, and hands the rest on. */
void look_pass(struct look *look);

/* The time is over that it had for that, or it is tried again. */
void look_pass_due(struct look *look);
