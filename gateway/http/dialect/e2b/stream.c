// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/e2b/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MAX (CONNECT_HEAD_SIZE + CONNECT_MESSAGE_MAX)
#define BODY_FIRST_BYTES 4096

static void
add(struct stream *stream, unsigned int flags, json_t *message)
{
	char *text = message != NULL ? json_dumps(message, JSON_COMPACT) :
	    NULL;
	uint8_t head[CONNECT_HEAD_SIZE];

	json_decref(message);
	if (stream->is_ended) {
		free(text);
		return;
	}
	if (text != NULL)
		connect_put_head(head, flags, (uint32_t)strlen(text));
	if (text == NULL || outbox_add(&stream->out, head, sizeof head) < 0 ||
	    outbox_add(&stream->out, text, strlen(text)) < 0)
		stream->failed = -ENOMEM;
	free(text);
	stream->is_ended = (flags & CONNECT_END) != 0;
	if (!stream->is_begun) {
		stream->is_begun = true;
		exchange_reply_stream(stream->exchange, 200, CONNECT_MEDIA,
		    REPLY_UNKNOWN);
	}
	if (outbox_is_full(&stream->out) && !stream->is_ended)
		stream->client.hold(stream->client.arg, true);
	exchange_proceed(stream->exchange);
}

void
stream_add(struct stream *stream, json_t *message)
{
	add(stream, 0, message);
}

void
stream_end(struct stream *stream)
{
	add(stream, CONNECT_END, json_object());
}

void
stream_fail(struct stream *stream, const struct failure *failure)
{
	json_t *error = json_pack("{s:s, s:s}", "code",
	    connect_code(failure), "message", failure->message);

	if (error == NULL) /* words that are not UTF-8 */
		error = json_pack("{s:s}", "code", connect_code(failure));
	add(stream, CONNECT_END, json_pack("{s:o}", "error", error));
}

void
stream_fail_err(struct stream *stream, const struct err *err)
{
	struct failure failure;

	failure_from_err(&failure, err);
	stream_fail(stream, &failure);
}

static size_t
take(void *arg, const void *data, size_t size)
{
	struct stream *stream = arg;
	size_t total = stream->body_size + size, room = stream->body_room;
	struct failure failure;
	char *grown;

	if (stream->is_ended)
		return size;
	if (total > BODY_MAX) {
		failure_set(&failure, 413, "too_large", NULL,
		    "the message is too large");
		stream_fail(stream, &failure);
		return size;
	}
	if (room == 0)
		room = BODY_FIRST_BYTES;
	while (room < total)
		room *= 2;
	if (room > stream->body_room) {
		grown = realloc(stream->body, room);
		if (grown == NULL) {
			stream_fail_err(stream, &(struct err){ENOMEM,
			    "out of memory"});
			return size;
		}
		stream->body = grown;
		stream->body_room = room;
	}
	memcpy(stream->body + stream->body_size, data, size);
	stream->body_size = total;
	return size;
}

/* The message, by the table. */
static int
read_message(struct stream *stream, struct failure *failure)
{
	const struct field_table *table = stream->client.input;
	const char *text;
	struct err err;
	size_t size;
	int r = connect_unwrap(stream->body, stream->body_size, &text, &size,
	    &err);

	if (r < 0) {
		failure_from_err(failure, &err);
		return r;
	}
	r = field_parse(text, size, &stream->object, failure);
	if (r < 0)
		return r;
	stream->input = calloc(1, table->struct_size);
	if (stream->input == NULL)
		return failure_set(failure, 503, "out_of_resources", NULL,
		    "out of memory");
	return field_read(table, stream->object, stream->input, failure);
}

static void
on_end(void *arg)
{
	struct stream *stream = arg;
	struct failure failure;

	if (stream->is_ended)
		return;
	if (read_message(stream, &failure) < 0)
		stream_fail(stream, &failure);
	else
		stream->client.asked(stream->client.arg);
}

static ssize_t
give(void *arg, void *data, size_t size)
{
	struct stream *stream = arg;
	size_t n = outbox_take(&stream->out, data, size);

	if (stream->failed < 0)
		return stream->failed;
	if (!outbox_is_full(&stream->out) && !stream->is_ended)
		stream->client.hold(stream->client.arg, false);
	return n > 0 ? (ssize_t)n : stream->is_ended ? -ENODATA : 0;
}

static void
on_gone(void *arg)
{
	struct stream *stream = arg;

	free(stream->body);
	outbox_fini(&stream->out);
	stream->client.gone(stream->client.arg);
	if (stream->input != NULL)
		field_fini(stream->client.input, stream->input);
	free(stream->input);
	json_decref(stream->object);
}

void
stream_begin(struct stream *stream, struct exchange *exchange,
    const struct stream_client *client)
{
	const struct exchange_stream of_exchange = {take, on_end, give,
	    on_gone, stream};

	stream->exchange = exchange;
	stream->client = *client;
	exchange_set_stream(exchange, &of_exchange);
	exchange_accept(exchange);
}
