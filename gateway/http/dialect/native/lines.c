// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/native/lines.h"

#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "common/json_text.h"
#include "common/utf8.h"

#define BLOCK_BYTES 16384

void
lines_fini(struct lines *lines)
{
	outbox_fini(&lines->out);
}

static void
add(struct lines *lines, json_t *event)
{
	char *text;

	if (event != NULL && lines->translate != NULL) {
		event = lines->translate(event);
		if (event == NULL)
			return;
	}
	text = event != NULL ? json_dumps(event, JSON_COMPACT) : NULL;
	json_decref(event);
	if (text == NULL || outbox_add(&lines->out, text, strlen(text)) < 0 ||
	    outbox_add(&lines->out, "\n", 1) < 0)
		lines->failed = -ENOMEM;
	free(text);
}

static void
proceed(struct lines *lines)
{
	if (outbox_is_full(&lines->out))
		exec_hold(lines->exec, true);
	exchange_proceed(lines->exchange);
}

void
lines_add(struct lines *lines, json_t *event)
{
	add(lines, event);
	proceed(lines);
}

void
lines_open(struct lines *lines)
{
	if (lines->is_open)
		return;
	lines->is_open = true;
	exchange_reply_stream(lines->exchange, 200, "application/x-ndjson",
	    REPLY_UNKNOWN);
}

void
lines_begin(struct lines *lines, json_t *event)
{
	lines_open(lines);
	lines_add(lines, event);
}

/* Written at once: as objects of jansson's, every byte is looked at four times
 * and copied three. */
static void
add_text(struct lines *lines, const char *stream, const void *data,
    size_t size, uint64_t position)
{
	auto_json_text struct json_text text = {0};

	json_text_addf(&text, "{\"event\":\"bytes\",\"stream\":\"%s\","
	    "\"text\":", stream);
	json_text_add_string(&text, data, size);
	json_text_addf(&text, ",\"position\":%ju,\"next\":%ju}\n",
	    (uintmax_t)position, (uintmax_t)(position + size));
	if (text.is_out_of_memory ||
	    outbox_add(&lines->out, text.data, text.used) < 0)
		lines->failed = -ENOMEM;
	proceed(lines);
}

void
lines_add_bytes(struct lines *lines, bool is_error, const void *data,
    size_t size, uint64_t position)
{
	const char *stream = is_error ? "stderr" : "stdout";
	const bool is_text = memchr(data, 0, size) == NULL &&
	    utf8_is_whole(data, size);
	not_cleared char base64[sodium_base64_ENCODED_LEN(BLOCK_BYTES,
	    sodium_base64_VARIANT_ORIGINAL)];
	json_t *bytes = NULL;

	if (is_text && lines->translate == NULL) {
		add_text(lines, stream, data, size, position);
		return;
	}
	if (is_text) {
		bytes = json_stringn(data, size);
	} else if (size <= BLOCK_BYTES) {
		sodium_bin2base64(base64, sizeof base64, data, size,
		    sodium_base64_VARIANT_ORIGINAL);
		bytes = json_string(base64);
	}
	lines_add(lines, json_pack("{s:s, s:s, s:o, s:I, s:I}", "event",
	    "bytes", "stream", stream, is_text ? "text" : "base64", bytes,
	    "position", (json_int_t)position, "next",
	    (json_int_t)(position + size)));
}

void
lines_add_lost(struct lines *lines, uint64_t n_bytes)
{
	lines_add(lines, json_pack("{s:s, s:I, s:b}", "event", "lost",
	    "bytes", (json_int_t)n_bytes, "truncated", 1));
}

void
lines_end(struct lines *lines, json_t *event)
{
	lines->is_ended = true;
	lines_add(lines, event);
}

uint32_t
lines_exit_code(const struct exec_exit *exit)
{
	return (uint32_t)exit->code + (exit->is_signal ? 128 : 0);
}

const char *
lines_exit_signal(const struct exec_exit *exit)
{
	const char *name = exit->is_signal ? sigabbrev_np(exit->code) : "";

	return name != NULL ? name : "unknown";
}

void
lines_end_exit(struct lines *lines, const struct exec_exit *exit)
{
	lines_end(lines, json_pack("{s:s, s:i, s:o, s:b, s:b}", "event", "exit",
	    "exit_code", (int)lines_exit_code(exit), "signal",
	    exit->is_signal ? json_string(lines_exit_signal(exit)) :
	    json_null(), "timed_out", (int)exit->is_timed_out,
	    "out_of_memory", (int)exit->is_oom));
}

ssize_t
lines_give(void *arg, void *data, size_t size)
{
	struct lines *lines = arg;
	size_t n = outbox_take(&lines->out, data, size);

	if (lines->failed < 0)
		return lines->failed;
	if (!outbox_is_full(&lines->out))
		exec_hold(lines->exec, false);
	return n > 0 ? (ssize_t)n : lines->is_ended ? -ENODATA : 0;
}
