// SPDX-License-Identifier: Apache-2.0
/*
 * A process in a sandbox and somebody at the other end of a WebSocket: bytes as
 * binary messages, all else as JSON. Whoever is slow is waited for, in either
 * direction.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "gateway/http/dialect/native/lines.h"
#include "gateway/http/dialect/native/process.h"
#include "gateway/http/dialect/native/start.h"

/* The first byte of a message to the client. */
enum { STREAM_OUTPUT = 1, STREAM_ERROR = 2 };

struct wish {
	struct start_wish start;
	struct field_objects tty; /* of struct start_size */
};
static const struct field wish_fields[] = {
    START_FIELDS(struct wish)
    {"tty", FIELD_OBJECT, offsetof(struct wish, tty), .text =
	"a terminal of that size; left out: none",
	.table = &native_terminal_size},
};
static FIELD_TABLE(wish_table, struct wish, wish_fields);

/* What a client says later. */
enum { NEWS_RESIZE, NEWS_SIGNAL, NEWS_END };
static const char *const news_words[] = {"resize", "signal", "end", NULL};

struct news {
	uint32_t event;
	struct start_size size;
	const char *signal;
};
static const struct field news_fields[] = {
    {"event", FIELD_U32, offsetof(struct news, event), .required =
	"\"resize\", \"signal\" or \"end\"", .words = news_words},
    {"rows", FIELD_U32, offsetof(struct news, size.rows), 1,
	START_SIZE_MAX},
    {"cols", FIELD_U32, offsetof(struct news, size.columns), 1,
	START_SIZE_MAX},
    {"signal", FIELD_STRING, offsetof(struct news, signal), 1, 16},
};
static FIELD_TABLE(news_table, struct news, news_fields);

struct talk {
	struct exchange *exchange;
	struct exec *exec;
	struct websocket *websocket; /* NULL until it is one */
	json_t *object;		     /* that the wish points into */
	struct wish wish;
	struct rpc_process_start_req request;
	struct outbox input; /* that the process does not take yet */
	bool is_asked, is_started, is_ended;
	bool is_input_ending, is_input_over;
};

/* Takes over the event. */
static void
say(struct talk *talk, json_t *event)
{
	char *text = event != NULL ? json_dumps(event, JSON_COMPACT) : NULL;

	if (text != NULL)
		(void)websocket_send_text(talk->websocket, text);
	else
		websocket_close(talk->websocket, WEBSOCKET_INTERNAL,
		    "out of memory");
	free(text);
	json_decref(event);
}

static void
refuse(struct talk *talk, const struct failure *failure)
{
	say(talk, json_pack("{s:s, s:s, s:s, s:s*}", "event", "error", "code",
	    failure->code, "message", failure->message, "field",
	    failure->field[0] != '\0' ? failure->field : NULL));
	websocket_close(talk->websocket, WEBSOCKET_POLICY, failure->message);
}

static void
start(struct talk *talk)
{
	struct rpc_process_start_req *request = &talk->request;

	start_request(&talk->wish.start, request);
	if (talk->wish.start.command == NULL && request->argv.count == 0)
		request->kind = INIT_SPAWN_SHELL;
	start_set_terminal(request, &talk->wish.tty);
	request->has_input = 1;
	request->attaches = INIT_ATTACH_PACED;
	exec_start(talk->exec, exchange_who(talk->exchange),
	    exchange_param(talk->exchange, "id"), request);
}

static void
take_wish(struct talk *talk, const char *text, size_t size)
{
	const struct start_wish *wish = &talk->wish.start;
	struct failure failure;
	int r = field_parse(text, size, &talk->object, &failure);

	talk->is_asked = true;
	if (r == 0)
		r = field_read(&wish_table, talk->object, &talk->wish,
		    &failure);
	if (r == 0 && wish->command != NULL && wish->argv.count > 0)
		r = failure_of_field(&failure, "command",
		    "give it or argv, not both");
	if (r < 0)
		refuse(talk, &failure);
	else
		start(talk);
}

static void
end_input(struct talk *talk)
{
	talk->is_input_ending = true;
	if (outbox_size(&talk->input) == 0 && !talk->is_input_over)
		talk->is_input_over = exec_input_end(talk->exec);
}

/* 0, or -EINVAL. */
static int
do_news(struct talk *talk, const struct news *news, struct failure *failure)
{
	int signal;

	if (news->event == NEWS_RESIZE) {
		if (news->size.rows == 0 || news->size.columns == 0)
			return failure_of_field(failure, "rows",
			    "must be given, and cols");
		exec_resize(talk->exec, news->size.rows,
		    news->size.columns);
	} else if (news->event == NEWS_SIGNAL) {
		signal = process_find_signal(news->signal != NULL ?
		    news->signal : "", failure);
		if (signal < 0)
			return signal;
		exec_signal(talk->exec, signal);
	} else {
		end_input(talk);
	}
	return 0;
}

static void
take_news(struct talk *talk, const char *text, size_t size)
{
	struct news news = {0};
	struct failure failure;
	json_t *object = NULL;
	int r = field_parse(text, size, &object, &failure);

	if (r == 0)
		r = field_read(&news_table, object, &news, &failure);
	if (r == 0)
		r = do_news(talk, &news, &failure);
	if (r < 0)
		refuse(talk, &failure);
	field_fini(&news_table, &news);
	json_decref(object);
}

static void
on_text(void *arg, const char *text, size_t size)
{
	struct talk *talk = arg;

	if (!talk->is_asked)
		take_wish(talk, text, size);
	else if (!talk->is_ended)
		take_news(talk, text, size);
}

/* Input; what the process does not take is bounded by a read of these. */
static void
on_bytes(void *arg, const void *data, size_t size)
{
	struct talk *talk = arg;
	struct failure failure;
	size_t used = 0;

	if (!talk->is_asked) {
		failure_set(&failure, 400, "invalid_argument", NULL,
		    "the first message must be JSON that says what to run");
		refuse(talk, &failure);
		return;
	}
	if (talk->is_ended || talk->is_input_ending)
		return;
	if (outbox_size(&talk->input) == 0)
		used = exec_input(talk->exec, data, size);
	if (used == size)
		return;
	if (outbox_add(&talk->input, (const char *)data + used,
	    size - used) < 0)
		websocket_close(talk->websocket, WEBSOCKET_INTERNAL,
		    "out of memory");
	websocket_hold(talk->websocket, true);
}

/* The process takes input again. */
static void
on_input_room(void *arg)
{
	struct talk *talk = arg;
	struct outbox *input = &talk->input;
	size_t size = outbox_size(input);
	size_t used = size > 0 ? exec_input(talk->exec,
	    input->data + input->start, size) : 0;

	input->start += used;
	if (used < size)
		return;
	outbox_fini(input);
	if (talk->is_input_ending)
		end_input(talk);
	if (talk->websocket != NULL)
		websocket_hold(talk->websocket, false);
}

static void
on_started(void *arg, uint32_t id, uint32_t pid)
{
	struct talk *talk = arg;

	talk->is_started = true;
	say(talk, json_pack("{s:s, s:I, s:I}", "event", "start", "id",
	    (json_int_t)id, "pid", (json_int_t)pid));
}

static void
on_output(void *arg, bool is_error, const void *data, size_t size,
    uint64_t position)
{
	struct talk *talk = arg;
	not_cleared uint8_t message[1 + EXEC_OUTPUT_MAX];

	(void)position;
	message[0] = is_error ? STREAM_ERROR : STREAM_OUTPUT;
	memcpy(message + 1, data, size);
	(void)websocket_send_bytes(talk->websocket, message, 1 + size);
	if (websocket_is_full(talk->websocket))
		exec_hold(talk->exec, true);
}

static void
on_output_room(void *arg)
{
	struct talk *talk = arg;

	exec_hold(talk->exec, false);
}

static void
on_lost(void *arg, uint64_t n_bytes)
{
	say(arg, json_pack("{s:s, s:I}", "event", "lost", "bytes",
	    (json_int_t)n_bytes));
}

static void
say_exit(struct talk *talk, const struct exec_exit *exit)
{
	say(talk, json_pack("{s:s, s:i, s:o, s:b}", "event", "exit",
	    "exit_code", (int)lines_exit_code(exit), "signal",
	    exit->is_signal ? json_string(lines_exit_signal(exit)) :
	    json_null(), "timed_out", (int)exit->is_timed_out));
	websocket_close(talk->websocket, WEBSOCKET_NORMAL, "");
}

static void
say_lost(struct talk *talk, const struct err *err)
{
	struct failure failure;

	failure_from_err(&failure, err);
	refuse(talk, &failure);
}

static void
on_ended(void *arg, const struct exec_exit *exit, const struct err *err)
{
	struct talk *talk = arg;

	talk->is_ended = true;
	if (talk->websocket == NULL)
		exchange_fail_err(talk->exchange, err);
	else if (exit != NULL)
		say_exit(talk, exit);
	else
		say_lost(talk, err);
}

static void
on_opened(void *arg, struct websocket *websocket)
{
	struct talk *talk = arg;

	talk->websocket = websocket;
	if (talk->is_ended)
		websocket_close(websocket, WEBSOCKET_INTERNAL,
		    "the sandbox is gone");
}

static void
on_attached(void *arg)
{
	struct talk *talk = arg;
	const struct websocket_client client = {.text = on_text,
	    .bytes = on_bytes, .room = on_output_room, .arg = talk};

	exchange_reply_websocket(talk->exchange, on_opened, &client);
}

/* A terminal hangs up, as one does; else the input ends. */
static void
on_gone(void *arg)
{
	struct talk *talk = arg;

	if (talk->is_started && !talk->is_ended && talk->request.pty != 0)
		exec_signal(talk->exec, SIGHUP);
	else if (talk->is_asked && !talk->is_ended && !talk->is_input_over)
		(void)exec_input_end(talk->exec);
	exec_close(talk->exec);
	field_fini(&wish_table, &talk->wish);
	json_decref(talk->object);
	outbox_fini(&talk->input);
}

void
native_exec_socket(struct exchange *exchange)
{
	struct talk *talk = exchange_memory(exchange, sizeof *talk);
	const struct exec_client client = {.attached = on_attached,
	    .started = on_started, .output = on_output, .lost = on_lost,
	    .room = on_input_room, .ended = on_ended, .arg = talk};
	const struct exchange_stream stream = {.gone = on_gone, .arg = talk};
	struct err err = {ENOMEM, "out of memory"};

	if (talk == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	talk->exchange = exchange;
	exchange_set_stream(exchange, &stream);
	if (exec_attach(exchange_who(exchange), exchange_param(exchange, "id"),
	    &client, &talk->exec, &err) < 0)
		exchange_fail_err(exchange, &err);
}
