// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/native/lines.h"

#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

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

void
lines_add(struct lines *lines, json_t *event)
{
	add(lines, event);
	if (outbox_is_full(&lines->out))
		exec_hold(lines->exec, true);
	exchange_proceed(lines->exchange);
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

void
lines_add_bytes(struct lines *lines, bool is_error, const void *data,
    size_t size, uint64_t position)
{
	char base64[sodium_base64_ENCODED_LEN(BLOCK_BYTES,
	    sodium_base64_VARIANT_ORIGINAL)];
	json_t *text = memchr(data, 0, size) == NULL ?
	    json_stringn(data, size) : NULL;
	const char *name = text != NULL ? "text" : "base64";

	if (text == NULL && size <= BLOCK_BYTES) {
		sodium_bin2base64(base64, sizeof base64, data, size,
		    sodium_base64_VARIANT_ORIGINAL);
		text = json_string(base64);
	}
	lines_add(lines, json_pack("{s:s, s:s, s:o, s:I, s:I}", "event",
	    "bytes", "stream", is_error ? "stderr" : "stdout", name, text,
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
