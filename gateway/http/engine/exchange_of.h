// SPDX-License-Identifier: Apache-2.0
/* What exchange.c and server.c know of an exchange, and nobody else. */
#pragma once

#include <stdbool.h>

#include "gateway/http/engine/exchange.h"
#include "gateway/http/engine/server.h"

struct MHD_Connection;

enum exchange_state {
	EXCHANGE_HEAD,	     /* its head is here */
	EXCHANGE_IDENTIFYING,
	EXCHANGE_IDENTIFIED, /* or refused */
	EXCHANGE_BODY,	     /* its body comes */
	EXCHANGE_ANSWERING,
	N_EXCHANGE_STATE
};

/* What exchanges want of their server. */
struct exchange_turns {
	size_t n_suspended;
	struct loop_timer due; /* at once: some go on */
};

/* Born with its head, gone with its reply. */
struct exchange {
	const struct server_options *options;
	struct MHD_Connection *connection;
	struct exchange_turns *turns; /* of the server's */
	enum exchange_state state;
	bool is_suspended;
	const struct dialect *dialect;
	const struct route *route;
	struct route_params params;
	void *who;
	char *body;
	size_t body_size, body_room;
	json_t *object;
	void *input;
	void *memory;
	struct reply reply;
};

/*
 * Each takes what the library says to it; -errno where the connection is to be
 * closed without a word.
 */
struct exchange *exchange_new(const struct server_options *options,
    struct MHD_Connection *connection, struct exchange_turns *turns);
void exchange_free(struct exchange *exchange);

/* The head is here: ends where the body begins, or suspended. */
int exchange_begin(struct exchange *exchange, const char *method,
    const char *path);

/* Again, after it was suspended in exchange_begin. */
int exchange_go_on(struct exchange *exchange);

int exchange_take_body(struct exchange *exchange, const char *data,
    size_t size);

/* The body is whole; and again, after it was suspended in here. */
int exchange_end(struct exchange *exchange);
