// SPDX-License-Identifier: Apache-2.0
/* What exchange.c and server.c know of an exchange, and nobody else. */
#pragma once

#include <stdbool.h>
#include <sys/queue.h>

#include "gateway/http/engine/exchange.h"
#include "gateway/http/engine/server.h"

struct MHD_Connection;
struct client;
struct outlet;

#define EXCHANGE_ID_SIZE 40

enum exchange_state {
	EXCHANGE_HEAD,	     /* its head is here */
	EXCHANGE_IDENTIFYING,
	EXCHANGE_IDENTIFIED, /* or refused */
	EXCHANGE_OPENING,    /* its stream */
	EXCHANGE_OPENED,     /* or refused */
	EXCHANGE_BODY,	     /* its body comes */
	EXCHANGE_ANSWERING,
	N_EXCHANGE_STATE
};

/* What exchanges want of their server. */
struct exchange_turns {
	LIST_HEAD(, exchange) all;
	size_t n_suspended;
	struct loop_timer due; /* at once: some go on */
};

/* Born with its head, gone with its reply. */
struct exchange {
	LIST_ENTRY(exchange) link;
	char id[EXCHANGE_ID_SIZE];
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
	bool is_head;
	bool is_said; /* the reply, though the body is not over */
	struct exchange_stream stream; /* gone NULL: there is none */
	struct exchange_parts parts;
	struct exchange_adapter adapter; /* adapt NULL: there is none */
	struct exchange_events *events; /* owned; NULL: there are none */
	struct multipart *multipart; /* NULL: the body is none */
	bool is_part_waiting;	     /* for exchange_proceed */
	struct MHD_UpgradeResponseHandle *upgraded; /* NULL: it is not */
	struct websocket *websocket;
	struct websocket_client websocket_client;
	void (*opened)(void *arg, struct websocket *websocket);
	struct loop_watch hangup;      /* while a reply waits for its bytes */
	bool is_watched, is_hung_up;
	/* ENOENT, while somebody is asked for better words, once. */
	struct err refusal;
	bool is_explaining, is_explained;
	struct exchange_limits limits;
	uint64_t began_ms, n_body_bytes; /* taken of its body */
	struct loop_timer time_over;
	bool is_late;
	struct reply reply;
	struct outlet *outlet; /* of exchange_pour; NULL: none, or copies */
	bool is_copying;
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

/* Again, after it was suspended in either of these. */
int exchange_go_on(struct exchange *exchange);

/* *size is left at what was not taken: then it is suspended. */
int exchange_take_body(struct exchange *exchange, const char *data,
    size_t *size);

/* Whether what comes of its body is waited for as long as some does. */
bool exchange_is_streaming(const struct exchange *exchange);

/* The body is whole; and again, after it was suspended in here. */
int exchange_end(struct exchange *exchange);

/* Cuts one that streams, in either direction: nobody knows how long it would
 * go on. */
void exchange_cut(struct exchange *exchange);

/* Who asked may not any more: what goes on without the broker or sandboxd ends
 * now, those end the rest. */
void exchange_end_for_good(struct exchange *exchange);

/* Of exchange_answer.c: the client; nobody answers any more in this call of the
 * library's, so that the loop goes on without it; who was waited for has
 * answered; its client's hanging up is of no interest. */
struct client *exchange_client(const struct exchange *exchange);
void exchange_suspend(struct exchange *exchange);
void exchange_wake(struct exchange *exchange);
void exchange_unwatch(struct exchange *exchange);

/* Of exchange_limits.c: it begins and ends; its body is announced, or more of
 * it comes: false, it is too large, which has been said; and whether an error
 * is but its time being over, which is said then. */
void exchange_limits_init(struct exchange *exchange);
void exchange_limits_fini(struct exchange *exchange);
bool exchange_check_length(struct exchange *exchange);
bool exchange_check_body(struct exchange *exchange, size_t size);
bool exchange_is_late(struct exchange *exchange, const struct err *err);

/* Of exchange.c: says the reply to one who has much to send that nobody
 * wants. */
void exchange_say_early(struct exchange *exchange);

/* Of exchange_websocket.c: whether the head asks for one; or fails it. */
int exchange_check_upgrade(struct exchange *exchange);

/* Of exchange_inner.c: what is answered, as it is said. */
void exchange_adapt(struct exchange *exchange, unsigned int *status,
    json_t **body);

/*
 * Of exchange_events.c. The answer, taken over where this returns true: it is
 * the last of the events that have begun. Whether any have; the bytes of them,
 * as a stream's give.
 */
bool exchange_ends_events(struct exchange *exchange, json_t *body);
bool exchange_has_events(const struct exchange *exchange);
ssize_t exchange_take_events(struct exchange *exchange, void *data,
    size_t size);
void exchange_events_free(struct exchange *exchange);

/* Of exchange_answer.c: the reply is bytes of this type from now on. */
void exchange_open_stream(struct exchange *exchange, const char *media_type);

/* Of exchange_parts.c: a body in parts is about to come; or fails it. */
int exchange_begin_parts(struct exchange *exchange);
