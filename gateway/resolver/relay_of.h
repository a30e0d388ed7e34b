// SPDX-License-Identifier: Apache-2.0
/* What relay.c and pass.c share, and nobody else. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "gateway/http/engine/loop.h"
#include "gateway/resolver/relay.h"

struct relay {
	struct loop loop;
	struct loop_watch orders; /* fd -1: the resolver is gone */
	LIST_HEAD(passes, pass) passes;
	struct passes ended; /* of which it is to be told */
};

/* One of the two ends of a connection. */
struct pass_end {
	struct loop_watch watch;
	uint32_t events; /* that are watched for; 0 = none */
	/* What was read from here and not taken by the other; owned, NULL =
	 * nothing. */
	uint8_t *rest;
	size_t start, size; /* of it */
	bool is_over;	    /* nothing more comes from here */
	bool is_shut;	    /* nothing more is written here */
};

struct pass {
	LIST_ENTRY(pass) entry;
	struct relay *relay;
	uint32_t number;
	struct pass_end client, server;
	struct loop_watch life;
};

/* Takes over the descriptors (N_RELAY_FDS of them). */
void pass_begin(struct relay *relay, uint32_t number, int *fds);

/* Both ends are told that it is over. */
void pass_cut(struct pass *pass);

/* It has no descriptor left; it is told of, and freed. */
void relay_ended(struct pass *pass);
