// SPDX-License-Identifier: Apache-2.0
/*
 * A request that is one enveloped message, and a reply of as many as come.
 * Failures are the last message of the reply, under status 200: of any other
 * status a client shows no words.
 */
#pragma once

#include <jansson.h>

#include "gateway/http/dialect/e2b/connect.h"
#include "gateway/http/engine/exchange.h"
#include "gateway/http/engine/field.h"
#include "gateway/http/engine/outbox.h"

struct stream_client {
	const struct field_table *input;
	/* The message is here, and checked: stream->input. */
	void (*asked)(void *arg);
	/* While the reply has enough on its way, nothing should be added. */
	void (*hold)(void *arg, bool is_held);
	/* The exchange is over; the stream is freed by then. */
	void (*gone)(void *arg);
	void *arg;
};

/* Zeroed, in the exchange's memory. */
struct stream {
	struct exchange *exchange;
	struct stream_client client;
	char *body; /* what came; owned */
	size_t body_size, body_room;
	json_t *object;
	void *input; /* of client->input; owned */
	struct outbox out;
	bool is_begun, is_ended;
	int failed; /* -errno */
};

/* Takes the exchange's body and reply over. */
void stream_begin(struct stream *stream, struct exchange *exchange,
    const struct stream_client *client);

/* One more message; takes it over. NULL: out of memory. */
void stream_add(struct stream *stream, json_t *message);

/* The last one. */
void stream_end(struct stream *stream);
void stream_fail(struct stream *stream, const struct failure *failure);
void stream_fail_err(struct stream *stream, const struct err *err);
