// SPDX-License-Identifier: Apache-2.0
/* What processes of a sandbox wrote, as lines of JSON or of text. */
#include "gateway/http/dialect/native/logs.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "common/parse.h"
#include "common/timestamp.h"
#include "gateway/http/dialect/native/native.h"
#include "gateway/http/engine/outbox.h"

#define BASE64_BYTES                                                           \
	sodium_base64_ENCODED_LEN(OUTPUT_BLOCK_BYTES,                          \
	    sodium_base64_VARIANT_ORIGINAL)

struct reading {
	struct exchange *exchange;
	struct logs *logs;
	struct outbox out;
	struct logs_form form;
	bool is_within; /* a line of text */
	int failed;	/* -errno */
};

static bool
is_set(const struct exchange *exchange, const char *name)
{
	const char *text = exchange_query(exchange, name);

	return strcmp(text, "1") == 0 || strcmp(text, "true") == 0;
}

static int
read_number(const struct exchange *exchange, const char *name, uint64_t min,
    uint64_t *ret, struct failure *failure)
{
	const char *text = exchange_query(exchange, name);

	*ret = UINT64_MAX;
	if (*text == '\0' || (parse_u64(text, ret) == 0 && *ret >= min &&
	    *ret < UINT64_MAX))
		return 0;
	return failure_of_field(failure, name, "must be a number from %d on",
	    (int)min);
}

static int
read_format(struct exchange *exchange, struct logs_form *form,
    struct failure *failure)
{
	const char *format = exchange_query(exchange, "format");

	form->is_text = strcmp(format, "text") == 0;
	form->has_times = is_set(exchange, "timestamps");
	if (form->is_text || *format == '\0' || strcmp(format, "json") == 0)
		return 0;
	return failure_of_field(failure, "format", "must be json or text");
}

static int
read_wish(struct exchange *exchange, logs_wish *ret, struct failure *failure)
{
	const char *since = exchange_query(exchange, "since");
	int r;

	*ret = (logs_wish){.id = exchange_param(exchange, "id"),
	    .is_previous = is_set(exchange, "previous"),
	    .is_followed = is_set(exchange, "follow")};
	if ((r = read_number(exchange, "tail", 0, &ret->tail_lines,
	    failure)) < 0 ||
	    (r = read_number(exchange, "limit", 1, &ret->limit_bytes,
	    failure)) < 0)
		return r;
	if (*since != '\0' && timestamp_parse(since, &ret->since_ms) < 0)
		return failure_of_field(failure, "since", "must be a time such "
		    "as 2026-01-31T23:59:59Z");
	if (ret->is_previous && ret->is_followed)
		return failure_of_field(failure, "follow", "must not be with "
		    "previous: nothing is added to what was before");
	return 0;
}

static void
add(struct reading *reading, const void *data, size_t size)
{
	if (outbox_add(&reading->out, data, size) < 0)
		reading->failed = -ENOMEM;
}

static void
add_text(struct reading *reading, const struct logs_piece *piece)
{
	char time[TIMESTAMP_SIZE];

	if (piece->stream == OUTPUT_STARTED)
		return;
	if (piece->begins && reading->is_within)
		add(reading, "\n", 1);
	if (piece->begins && reading->form.has_times) {
		timestamp_format(piece->at_ms, time);
		add(reading, time, strlen(time));
		add(reading, " ", 1);
	}
	add(reading, piece->data, piece->size);
	if (piece->ends)
		add(reading, "\n", 1);
	reading->is_within = !piece->ends;
}

static json_t *
print_bytes(const struct logs_piece *piece, const char **ret_name)
{
	json_t *text = memchr(piece->data, 0, piece->size) == NULL ?
	    json_stringn(piece->data, piece->size) : NULL;
	not_cleared char base64[BASE64_BYTES];

	*ret_name = "text";
	if (text != NULL)
		return text;
	*ret_name = "base64";
	sodium_bin2base64(base64, sizeof base64, (const void *)piece->data,
	    piece->size, sodium_base64_VARIANT_ORIGINAL);
	return json_string(base64);
}

static void
add_json(struct reading *reading, const struct logs_piece *piece)
{
	static const char *const streams[N_OUTPUT_STREAM] = {"stdout",
	    "stderr", "started"};
	const char *name;
	json_t *bytes = print_bytes(piece, &name);
	char time[TIMESTAMP_SIZE], *text;
	json_t *line;

	timestamp_format(piece->at_ms, time);
	line = json_pack("{s:s, s:I, s:I, s:s, s:o, s:b}", "at", time, "life",
	    (json_int_t)piece->life, "process", (json_int_t)piece->process,
	    "stream", streams[piece->stream], name, bytes, "partial",
	    !piece->ends);
	text = line != NULL ? json_dumps(line, JSON_COMPACT) : NULL;
	json_decref(line);
	if (text == NULL) {
		reading->failed = -ENOMEM;
		return;
	}
	add(reading, text, strlen(text));
	add(reading, "\n", 1);
	free(text);
}

static ssize_t
give(void *arg, void *data, size_t size)
{
	struct reading *reading = arg;
	struct logs_piece piece;
	int r = 1;
	size_t n;

	while (outbox_size(&reading->out) < size &&
	    (r = logs_next(reading->logs, &piece)) > 0) {
		if (reading->form.is_text)
			add_text(reading, &piece);
		else
			add_json(reading, &piece);
	}
	if (reading->failed < 0)
		return reading->failed;
	n = outbox_take(&reading->out, data, size);
	return n > 0 ? (ssize_t)n : r;
}

static void
on_gone(void *arg)
{
	struct reading *reading = arg;

	logs_close(reading->logs);
	outbox_fini(&reading->out);
}

static void
on_opened(void *arg, const struct err *err)
{
	struct reading *reading = arg;

	if (err != NULL)
		exchange_fail_err(reading->exchange, err);
	else
		exchange_reply_stream(reading->exchange, 200,
		    reading->form.is_text ? "text/plain" :
		    "application/x-ndjson", REPLY_UNKNOWN);
}

static void
on_more(void *arg)
{
	struct reading *reading = arg;

	exchange_proceed(reading->exchange);
}

void
logs_answer(struct exchange *exchange, const logs_wish *wish,
    struct logs_form form)
{
	struct reading *reading = exchange_memory(exchange, sizeof *reading);
	const struct logs_client client = {on_opened, on_more, reading};
	const struct exchange_stream stream = {.give = give, .gone = on_gone,
	    .arg = reading};
	struct err err = {ENOMEM, "out of memory"};

	if (reading == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	reading->exchange = exchange;
	reading->form = form;
	exchange_set_stream(exchange, &stream);
	if (logs_open(exchange_who(exchange), wish, &client, &reading->logs,
	    &err) < 0)
		exchange_fail_err(exchange, &err);
}

void
native_read_logs(struct exchange *exchange)
{
	struct failure failure;
	struct logs_form form;
	logs_wish wish;

	if (read_wish(exchange, &wish, &failure) < 0 ||
	    read_format(exchange, &form, &failure) < 0)
		exchange_fail(exchange, &failure);
	else
		logs_answer(exchange, &wish, form);
}
