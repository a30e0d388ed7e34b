// SPDX-License-Identifier: Apache-2.0
/*
 * Events of a session as they come, until it ends: server-sent ones, and over a
 * WebSocket, which takes input, sizes and signals as well. Whoever is slow is
 * waited for, in either direction.
 */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/parse.h"
#include "gateway/http/dialect/native/lines.h"
#include "gateway/http/dialect/native/process.h"
#include "gateway/http/dialect/native/start.h"
#include "gateway/http/dialect/sandbox0/sessions.h"
#include "gateway/http/service/processes.h"

#define NAME_SIZE      128
#define INPUT_TEXT_MAX (192 * 1024) /* of base64 in a message */

/* The npm package listens a moment after its WebSocket is open: what comes with
 * the answer itself it never hears of. */
#define SETTLE_MS 50

enum { SAID_INPUT, SAID_RESIZE, SAID_SIGNAL };
static const char *const said_words[] = {"input", "resize", "signal", NULL};

struct said {
	uint32_t type, is_end;
	const char *request_id, *attempt_id, *input_id, *data, *signal;
	struct start_size size;
};
#define SAID(field) offsetof(struct said, field)
static const struct field said_fields[] = {
    {"type", FIELD_U32, SAID(type), .text = "what is said", .required =
	"\"input\", \"resize\" or \"signal\"", .words = said_words},
    {"request_id", FIELD_STRING, SAID(request_id), 0, NAME_SIZE - 1,
	"told back once it is done"},
    {"expected_attempt_id", FIELD_STRING, SAID(attempt_id), 0, 63,
	"which it is for"},
    {"input_id", FIELD_STRING, SAID(input_id), 0, NAME_SIZE - 1, "yours"},
    {"data_base64", FIELD_STRING, SAID(data), 0, INPUT_TEXT_MAX,
	"what it reads"},
    {"eof", FIELD_BOOLEAN, SAID(is_end), .text =
	"whether that is all it reads"},
    {"rows", FIELD_U32, SAID(size.rows), 1, START_SIZE_MAX, "of a resize"},
    {"cols", FIELD_U32, SAID(size.columns), 1, START_SIZE_MAX,
	"of a resize"},
    {"signal", FIELD_STRING, SAID(signal), 1, 16, "a signal's name"},
};
FIELD_TABLE(sandbox0_session_said, struct said, said_fields);

struct stream {
	struct exchange *exchange;
	struct exec *exec;
	struct rpc_process_view_req view;
	struct rpc_process_info process; /* its numbers alone are good */
	bool is_socket, is_ended, is_input_over;
	struct websocket *websocket; /* NULL until it is one */
	struct outbox out; /* of server-sent events */
	int failed;	   /* -errno */
	struct outbox input; /* that the process does not take yet */
};

/* -- what is told */

static void
add(struct stream *stream, const char *text)
{
	if (outbox_add(&stream->out, text, strlen(text)) < 0)
		stream->failed = -ENOMEM;
}

/* Takes over the message. */
static void
say(struct stream *stream, json_t *message)
{
	char *text = message != NULL ? json_dumps(message, JSON_COMPACT) :
	    NULL;

	if (text != NULL)
		(void)websocket_send_text(stream->websocket, text);
	else
		websocket_close(stream->websocket, WEBSOCKET_INTERNAL,
		    "out of memory");
	free(text);
	json_decref(message);
	if (websocket_is_full(stream->websocket))
		exec_hold(stream->exec, true);
}

/* Takes over what is beside its place. */
static void
tell(struct stream *stream, uint64_t seq, json_t *more)
{
	json_t *event = sandbox0_session_event(stream->exchange,
	    &stream->process, stream->view.id, seq, more);
	char *text, id[48];

	if (stream->is_socket) {
		say(stream, json_pack("{s:s, s:o}", "type", "event", "event",
		    event));
		return;
	}
	text = event != NULL ? json_dumps(event, JSON_COMPACT) : NULL;
	json_decref(event);
	if (text == NULL) {
		stream->failed = -ENOMEM;
	} else {
		snprintf(id, sizeof id, "id: %llu\ndata: ",
		    (unsigned long long)seq);
		add(stream, id);
		add(stream, text);
		add(stream, "\n\n");
	}
	free(text);
	if (outbox_is_full(&stream->out))
		exec_hold(stream->exec, true);
	exchange_proceed(stream->exchange);
}

static void
on_output(void *arg, bool is_error, const void *data, size_t size,
    uint64_t position)
{
	struct stream *stream = arg;

	if (position + size > stream->process.end_position)
		stream->process.end_position = position + size;
	tell(stream, position + size, sandbox0_session_output(
	    &stream->process, is_error, data, size));
}

static void
on_lost(void *arg, uint64_t n_bytes)
{
	(void)arg;
	(void)n_bytes;
}

static void
on_ended(void *arg, const struct exec_exit *exit, const struct err *err)
{
	struct stream *stream = arg;
	const bool has_begun = stream->process.id != 0;
	const uint64_t last = stream->process.end_position + 1;

	stream->is_ended = true;
	if (!has_begun || (stream->is_socket && stream->websocket == NULL)) {
		exchange_fail_err(stream->exchange, err);
		return;
	}
	if (exit == NULL)
		stream->failed = -EIO;
	else if (stream->view.position < last)
		tell(stream, last, json_pack("{s:s, s:i, s:s}", "type",
		    "exited", "exit_code", (int)lines_exit_code(exit),
		    "reason", exit->is_signal ? "signal" : "exit"));
	if (stream->is_socket)
		websocket_close(stream->websocket, exit != NULL ?
		    WEBSOCKET_NORMAL : WEBSOCKET_INTERNAL, exit != NULL ? "" :
		    err->text);
	else
		exchange_proceed(stream->exchange);
}

static ssize_t
give(void *arg, void *data, size_t size)
{
	struct stream *stream = arg;
	size_t n;

	if (stream->failed < 0)
		return stream->failed;
	n = outbox_take(&stream->out, data, size);
	if (!stream->is_ended && !outbox_is_full(&stream->out))
		exec_hold(stream->exec, false);
	return n > 0 ? (ssize_t)n : stream->is_ended ? -ENODATA : 0;
}

/* -- what is said */

static void
give_input(struct stream *stream)
{
	struct outbox *input = &stream->input;

	input->start += exec_input(stream->exec, input->data + input->start,
	    outbox_size(input));
	if (outbox_size(input) == 0)
		outbox_fini(input);
	websocket_hold(stream->websocket, outbox_size(input) > 0);
}

static void
on_closed(void *arg, const struct err *err)
{
	(void)arg;
	(void)err;
}

/* Behind what waits to be read. */
static void
end_input(struct stream *stream)
{
	if (stream->is_input_over && outbox_size(&stream->input) == 0)
		processes_close_input(exchange_who(stream->exchange),
		    exchange_param(stream->exchange, "id"), stream->view.id,
		    on_closed, NULL);
}

static void
on_input_room(void *arg)
{
	struct stream *stream = arg;
	const bool waited = outbox_size(&stream->input) > 0;

	if (stream->websocket == NULL || !waited)
		return;
	give_input(stream);
	end_input(stream);
}

static int
take_input(struct stream *stream, const struct said *said,
    struct failure *failure)
{
	const size_t size = said->data != NULL ? strlen(said->data) : 0;
	uint8_t *data = malloc(size + 1);
	size_t n = 0;
	int r = 0;

	if (stream->is_input_over)
		r = failure_set(failure, 409, "conflict", NULL,
		    "its input has ended");
	else if (data == NULL)
		r = failure_set(failure, 503, "out_of_resources", NULL,
		    "out of memory");
	else if (size > 0 && sodium_base642bin(data, size, said->data, size,
	    NULL, &n, NULL, sodium_base64_VARIANT_ORIGINAL) < 0)
		r = failure_of_field(failure, "data_base64", "is not base64");
	else if (outbox_add(&stream->input, data, n) < 0)
		r = failure_set(failure, 503, "out_of_resources", NULL,
		    "out of memory");
	free(data);
	if (r < 0)
		return r;
	stream->is_input_over = said->is_end == FIELD_TRUE;
	give_input(stream);
	end_input(stream);
	return 0;
}

static int
do_said(struct stream *stream, const struct said *said,
    struct failure *failure)
{
	char attempt[16];
	int signal;

	snprintf(attempt, sizeof attempt, "%u", stream->view.id);
	if (said->attempt_id != NULL && *said->attempt_id != '\0' &&
	    strcmp(said->attempt_id, attempt) != 0)
		return failure_set(failure, 409, "conflict", NULL,
		    "it is at another attempt, %s", attempt);
	if (said->type == SAID_INPUT)
		return take_input(stream, said, failure);
	if (said->type == SAID_RESIZE) {
		if (said->size.rows == 0 || said->size.columns == 0)
			return failure_of_field(failure, "rows",
			    "must be given, and cols");
		exec_resize(stream->exec, said->size.rows,
		    said->size.columns);
		return 0;
	}
	signal = process_find_signal(said->signal != NULL ? said->signal : "",
	    failure);
	if (signal < 0)
		return signal;
	processes_signal(exchange_who(stream->exchange),
	    exchange_param(stream->exchange, "id"), stream->view.id, signal,
	    on_closed, NULL);
	return 0;
}

/* What cannot be done is said, and the next may be. */
static void
on_text(void *arg, const char *text, size_t size)
{
	struct stream *stream = arg;
	struct said said = {0};
	struct failure failure;
	json_t *object = NULL;
	int r;

	if (stream->is_ended)
		return;
	r = field_parse(text, size, &object, &failure);
	if (r == 0)
		r = field_read(&sandbox0_session_said, object, &said,
		    &failure);
	if (r == 0)
		r = do_said(stream, &said, &failure);
	say(stream, r == 0 ? json_pack("{s:s, s:s*}", "type", "ack",
	    "request_id", said.request_id) : json_pack("{s:s, s:s*, s:s}",
	    "type", "error", "request_id", said.request_id, "error",
	    failure.message));
	field_fini(&sandbox0_session_said, &said);
	json_decref(object);
}

static void
on_output_room(void *arg)
{
	struct stream *stream = arg;

	exec_hold(stream->exec, false);
}

/* -- how it begins */

static void
on_opened(void *arg, struct websocket *websocket)
{
	struct stream *stream = arg;

	stream->websocket = websocket;
	websocket_may_listen(websocket);
	exec_set_due(stream->exec, SETTLE_MS);
}

static void
on_settled(void *arg)
{
	struct stream *stream = arg;

	exec_hold(stream->exec, false);
}

static void
on_viewed(void *arg, const struct rpc_process_info *process)
{
	struct stream *stream = arg;
	const struct websocket_client client = {.text = on_text,
	    .room = on_output_room, .arg = stream};

	stream->process = *process;
	if (stream->is_socket) {
		exec_hold(stream->exec, true);
		exchange_reply_websocket(stream->exchange, on_opened,
		    &client);
	} else {
		exchange_reply_stream(stream->exchange, 200,
		    "text/event-stream", REPLY_UNKNOWN);
	}
}

static void
on_found(void *arg, const struct rpc_process_info *process,
    const struct context_name *name, const struct err *failed)
{
	struct stream *stream = arg;
	struct exchange *exchange = stream->exchange;
	const struct exec_client client = {.viewed = on_viewed,
	    .output = on_output, .lost = on_lost, .room = on_input_room,
	    .due = on_settled, .ended = on_ended, .arg = stream};
	struct failure failure;
	struct err err;

	if (failed != NULL) {
		exchange_fail_err(exchange, failed);
		return;
	}
	failure.status = 0;
	if (name->runner != NULL)
		failure_set(&failure, 409, "conflict", NULL,
		    "%s is a context of a language", name->name);
	else if (stream->view.position > 0 &&
	    stream->view.position < process->start_position)
		failure_set(&failure, 410, "event_cursor_expired", "after",
		    "after: the oldest that is kept is at %llu",
		    (unsigned long long)process->start_position);
	if (failure.status != 0) {
		exchange_fail(exchange, &failure);
		return;
	}
	stream->view.id = process->id;
	stream->view.views = INIT_ATTACH_PACED;
	if (exec_view(exchange_who(exchange), exchange_param(exchange, "id"),
	    &stream->view, &client, &stream->exec, &err) < 0)
		exchange_fail_err(exchange, &err);
}

static void
on_gone(void *arg)
{
	struct stream *stream = arg;

	exec_close(stream->exec);
	outbox_fini(&stream->out);
	outbox_fini(&stream->input);
}

static void
open_stream(struct exchange *exchange, bool is_socket)
{
	const char *last = exchange_header(exchange, "Last-Event-ID");
	struct exchange_stream kept = {.give = give, .gone = on_gone};
	const struct err err = {ENOMEM, "out of memory"};
	struct stream *stream;
	uint64_t after = 0;

	if (!process_number(exchange, "after", INT64_MAX, &after))
		return;
	if (last != NULL && *last != '\0' && !is_socket)
		(void)parse_u64(last, &after);
	stream = exchange_memory(exchange, sizeof *stream);
	if (stream == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	stream->exchange = exchange;
	stream->is_socket = is_socket;
	stream->view.position = after;
	kept.arg = stream;
	exchange_set_stream(exchange, &kept);
	contexts_find_any(exchange_who(exchange),
	    exchange_param(exchange, "id"), exchange_param(exchange, "ctx"),
	    on_found, stream);
}

void
sandbox0_watch_session(struct exchange *exchange)
{
	open_stream(exchange, false);
}

void
sandbox0_connect_session(struct exchange *exchange)
{
	open_stream(exchange, true);
}
