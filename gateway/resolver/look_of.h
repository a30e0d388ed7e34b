// SPDX-License-Identifier: Apache-2.0
/* What the files look*.c share of a connection, and nobody else. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/resolver/guest.h"
#include "gateway/resolver/opening.h"

#define LOOK_BUFFER_BYTES 32768

enum look_state {
	LOOK_HEAD,    /* what it begins with is not whole */
	LOOK_REACH,   /* sandboxd dials */
	LOOK_AGAIN,   /* or will, in a moment */
	LOOK_CONNECT, /* and that is under way */
	LOOK_PASS,    /* both ways, unread */
};

struct look_buffer {
	uint8_t data[LOOK_BUFFER_BYTES];
	size_t start, end; /* what is to be written */
	bool is_over;	   /* nothing follows */
};

/* One of its two ends. */
struct look_end {
	struct loop_watch watch; /* fd -1 = there is none yet */
	uint32_t events;	 /* that are watched for; 0 = none */
	struct look_buffer read; /* from here, for the other end */
	bool is_shut;		 /* nothing more is written here */
};

struct look {
	LIST_ENTRY(look) entry;
	struct resolver *resolver;
	struct guest *guest; /* NULL: it is gone, and the state LOOK_PASS */
	char id[GUEST_ID_SIZE];
	enum look_state state;
	struct look_end client, server;
	struct loop_timer timer;
	struct opening opening;
	uint8_t address[16]; /* where it was sent */
	uint32_t address_size;
	uint16_t port;
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

/* Reads and writes what there is, both ways; frees it at its end. */
void look_pass(struct look *look);
