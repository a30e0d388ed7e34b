// SPDX-License-Identifier: Apache-2.0
/* One question to one of the host's resolvers, over a socket of its own that
 * sandboxd has connected: by UDP, or by TCP with a length before each message
 * (RFC 1035 section 4.2). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/http/engine/loop.h"

struct upstream;

/* A message came, or NULL: none will. May close it. */
typedef void upstream_data(struct upstream *upstream, const uint8_t *data,
    size_t size);

struct upstream {
	struct loop *loop;
	struct loop_watch watch; /* fd -1 = there is none */
	bool is_tcp;
	upstream_data *on_data;
	unsigned n_strange; /* messages that were no answer; the owner's */
	uint8_t *buffer;    /* of TCP: what is sent, then what came; owned */
	size_t size, done;  /* of it, and how far it went */
	bool is_sent;
};

void upstream_init(struct upstream *upstream, struct loop *loop, bool is_tcp,
    upstream_data *on_data);

/* Takes over the socket and asks; copies the question. 0 or -errno. */
int upstream_ask(struct upstream *upstream, int fd, const uint8_t *question,
    size_t size);

/* Nothing more comes. One that never asked is closed too. */
void upstream_close(struct upstream *upstream);
