// SPDX-License-Identifier: Apache-2.0
/*
 * A context and somebody at the other end of a WebSocket: what it writes, and
 * how it ends. Whoever is slow is waited for, in either direction.
 */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "common/json_load.h"
#include "gateway/http/dialect/native/lines.h"
#include "gateway/http/dialect/native/process.h"
#include "gateway/http/dialect/native/start.h"
#include "gateway/http/dialect/native/text.h"
#include "gateway/http/dialect/sandbox0/contexts.h"
#include "gateway/http/runner/runner.h"
#include "gateway/http/service/processes.h"

#define RUNS_MAX	32 /* of code that waits for its end */
#define REQUEST_ID_SIZE 128
#define UNFINISHED_MAX	4

enum { NEWS_INPUT, NEWS_RESIZE, NEWS_SIGNAL };
static const char *const news_words[] = {"input", "resize", "signal", NULL};

/* Its npm package spells one of these in two ways. */
struct news {
	uint32_t type;
	const char *data, *signal, *request_id, *other_request_id;
	struct start_size size;
};
#define NEWS(field) offsetof(struct news, field)
static const struct field news_fields[] = {
    {"type", FIELD_U32, NEWS(type), .text = "what is said", .required =
	"\"input\", \"resize\" or \"signal\"", .words = news_words},
    {"data", FIELD_TEXT, NEWS(data), 0, CONTEXT_CODE_MAX, "input"},
    {"rows", FIELD_U32, NEWS(size.rows), 1, START_SIZE_MAX, "of a resize"},
    {"cols", FIELD_U32, NEWS(size.columns), 1, START_SIZE_MAX,
	"of a resize"},
    {"signal", FIELD_STRING, NEWS(signal), 1, 16, "a signal's name"},
    {"request_id", FIELD_STRING, NEWS(request_id), 0, REQUEST_ID_SIZE - 1,
	"told when the input has been run"},
    {"requestId", FIELD_STRING, NEWS(other_request_id), 0,
	REQUEST_ID_SIZE - 1, "the same"},
};
FIELD_TABLE(sandbox0_news, struct news, news_fields);

struct run {
	char id[CONTEXT_RUN_SIZE]; /* "" = it is free */
	char request_id[REQUEST_ID_SIZE];
};

struct talk {
	struct exchange *exchange;
	struct exec *exec;
	struct rpc_process_view_req view;
	struct websocket *websocket; /* NULL until it is one */
	const struct runner *runner; /* NULL: a command */
	bool has_tty, is_ended;
	struct outbox input; /* that the process does not take yet */
	struct context_lines channel;
	struct run runs[RUNS_MAX];
	/* Of each stream the beginning of a character. */
	char unfinished[2][UNFINISHED_MAX];
	size_t n_unfinished[2];
};

/* Takes over the message. */
static void
say(struct talk *talk, json_t *message)
{
	char *text = message != NULL ? json_dumps(message, JSON_COMPACT) :
	    NULL;

	if (text != NULL)
		(void)websocket_send_text(talk->websocket, text);
	else
		websocket_close(talk->websocket, WEBSOCKET_INTERNAL,
		    "out of memory");
	free(text);
	json_decref(message);
	if (websocket_is_full(talk->websocket))
		exec_hold(talk->exec, true);
}

static void
say_output(struct talk *talk, const char *source, const void *data,
    size_t size)
{
	char *text = text_make(data, size);

	if (size > 0)
		say(talk, text == NULL ? NULL : json_pack("{s:s, s:s, s:s}",
		    "type", "output", "source", source, "data", text));
	free(text);
}

static void
refuse(struct talk *talk, const struct failure *failure)
{
	say(talk, json_pack("{s:s, s:s, s:s}", "type", "error", "code",
	    failure->code, "error", failure->message));
	websocket_close(talk->websocket, WEBSOCKET_POLICY, failure->message);
}

static void
on_output(void *arg, bool is_error, const void *data, size_t size,
    uint64_t position)
{
	struct talk *talk = arg;
	not_cleared char buffer[UNFINISHED_MAX + EXEC_OUTPUT_MAX];
	size_t *n_kept = &talk->n_unfinished[is_error], n;

	(void)position;
	memcpy(buffer, talk->unfinished[is_error], *n_kept);
	memcpy(buffer + *n_kept, data, size);
	size += *n_kept;
	n = sandbox0_unfinished(buffer, size);
	*n_kept = n;
	memcpy(talk->unfinished[is_error], buffer + size - n, n);
	say_output(talk, talk->has_tty ? "pty" : is_error ? "stderr" :
	    "stdout", buffer, size - n);
}

static const char *
member(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

static void
say_text(struct talk *talk, const char *source, const char *text)
{
	say_output(talk, source, text, strlen(text));
}

static struct run *
find_run(struct talk *talk, const char *id)
{
	for (size_t i = 0; i < RUNS_MAX; i++)
		if (strcmp(talk->runs[i].id, id) == 0)
			return &talk->runs[i];
	return NULL;
}

/* What a REPL says of what it runs; of others' runs as well, but for ends. */
static void
on_line(void *arg, const char *line, size_t size)
{
	struct talk *talk = arg;
	json_t *frame = size > 0 ? json_load_whole(line, size, 0, NULL) :
	    NULL;
	const char *type = member(frame, "type");
	struct run *run = *member(frame, "run") != '\0' ?
	    find_run(talk, member(frame, "run")) : NULL;

	if (strcmp(type, "result") == 0 &&
	    json_is_true(json_object_get(frame, "is_main"))) {
		say_text(talk, "stdout", member(frame, "text"));
		say_text(talk, "stdout", "\n");
	} else if (strcmp(type, "error") == 0) {
		say_text(talk, "stderr", member(frame, "traceback"));
	} else if (strcmp(type, "end") == 0 && run != NULL) {
		say(talk, json_pack("{s:s, s:s}", "type", "done",
		    "request_id", run->request_id));
		run->id[0] = '\0';
	}
	json_decref(frame);
}

static void
on_channel(void *arg, const void *data, size_t size)
{
	struct talk *talk = arg;

	if (context_lines_add(&talk->channel, data, size, on_line, talk) < 0)
		websocket_close(talk->websocket, WEBSOCKET_INTERNAL,
		    "a result of more than 16 MiB");
}

static void
on_lost(void *arg, uint64_t n_bytes)
{
	say(arg, json_pack("{s:s, s:I}", "type", "lost", "bytes",
	    (json_int_t)n_bytes));
}

/* Lines of a REPL's are given whole, so that no other's comes between. */
static void
give_input(struct talk *talk)
{
	struct outbox *input = &talk->input;

	while (outbox_size(input) > 0) {
		const char *data = input->data + input->start;
		size_t size = outbox_size(input), used;
		const char *end = talk->runner == NULL ? NULL :
		    memchr(data, '\n', size);

		if (end != NULL)
			size = (size_t)(end + 1 - data);
		used = exec_input(talk->exec, data, size);
		input->start += used;
		if (used < size)
			break;
	}
	if (outbox_size(input) == 0)
		outbox_fini(input);
	websocket_hold(talk->websocket, outbox_size(input) > 0);
}

static void
on_input_room(void *arg)
{
	struct talk *talk = arg;

	if (talk->websocket != NULL)
		give_input(talk);
}

/* Code of a REPL, which is told when it has been run. */
static char *
make_run(struct talk *talk, const struct news *news, struct failure *failure)
{
	struct run *run = find_run(talk, "");
	const char *request_id = news->request_id != NULL ?
	    news->request_id : news->other_request_id;
	uint8_t bytes[8];
	char *text;

	if (run == NULL) {
		failure_set(failure, 429, "limit_exceeded", NULL,
		    "at most %d inputs may wait to be run", RUNS_MAX);
		return NULL;
	}
	randombytes_buf(bytes, sizeof bytes);
	sodium_bin2hex(run->id, sizeof run->id, bytes, sizeof bytes);
	snprintf(run->request_id, sizeof run->request_id, "%s",
	    request_id != NULL ? request_id : "");
	text = context_input(talk->runner, run->id, news->data);
	if (text == NULL)
		failure_set(failure, 503, "out_of_resources", NULL,
		    "out of memory");
	return text;
}

static int
take_input(struct talk *talk, const struct news *news,
    struct failure *failure)
{
	char *text;
	int r = 0;

	if (news->data == NULL)
		return failure_of_field(failure, "data", "must be given");
	text = talk->runner != NULL ? make_run(talk, news, failure) :
	    strdup(news->data);
	if (text == NULL || outbox_add(&talk->input, text, strlen(text)) < 0)
		r = text == NULL && talk->runner != NULL ? -EINVAL :
		    failure_set(failure, 503, "out_of_resources", NULL,
		    "out of memory");
	free(text);
	if (r == 0)
		give_input(talk);
	return r;
}

/* Whoever has ended meanwhile tells that. */
static void
on_signalled(void *arg, const struct err *err)
{
	(void)arg;
	(void)err;
}

/* 0, or -EINVAL. */
static int
do_news(struct talk *talk, const struct news *news, struct failure *failure)
{
	int signal;

	if (news->type == NEWS_INPUT)
		return take_input(talk, news, failure);
	if (news->type == NEWS_RESIZE) {
		if (news->size.rows == 0 || news->size.columns == 0)
			return failure_of_field(failure, "rows",
			    "must be given, and cols");
		exec_resize(talk->exec, news->size.rows, news->size.columns);
		return 0;
	}
	signal = process_find_signal(news->signal != NULL ? news->signal :
	    "", failure);
	if (signal < 0)
		return signal;
	processes_signal(exchange_who(talk->exchange),
	    exchange_param(talk->exchange, "id"), talk->view.id, signal,
	    on_signalled, NULL);
	return 0;
}

static void
on_text(void *arg, const char *text, size_t size)
{
	struct talk *talk = arg;
	struct news news = {0};
	struct failure failure;
	json_t *object = NULL;
	int r;

	if (talk->is_ended)
		return;
	r = field_parse(text, size, &object, &failure);
	if (r == 0)
		r = field_read(&sandbox0_news, object, &news, &failure);
	if (r == 0)
		r = do_news(talk, &news, &failure);
	if (r < 0)
		refuse(talk, &failure);
	field_fini(&sandbox0_news, &news);
	json_decref(object);
}

static void
on_output_room(void *arg)
{
	struct talk *talk = arg;

	exec_hold(talk->exec, false);
}

static void
on_ended(void *arg, const struct exec_exit *exit, const struct err *err)
{
	struct talk *talk = arg;
	struct failure failure;

	talk->is_ended = true;
	if (talk->websocket == NULL) {
		exchange_fail_err(talk->exchange, err);
	} else if (exit == NULL) {
		failure_from_err(&failure, err);
		refuse(talk, &failure);
	} else {
		say_output(talk, "stdout", talk->unfinished[0],
		    talk->n_unfinished[0]);
		say_output(talk, "stderr", talk->unfinished[1],
		    talk->n_unfinished[1]);
		say(talk, json_pack("{s:s, s:i, s:s}", "type", "done",
		    "exit_code", (int)lines_exit_code(exit), "state",
		    sandbox0_exit_state(exit->is_signal, exit->code)));
		websocket_close(talk->websocket, WEBSOCKET_NORMAL, "");
	}
}

static void
on_opened(void *arg, struct websocket *websocket)
{
	struct talk *talk = arg;

	talk->websocket = websocket;
	websocket_may_listen(websocket);
	exec_hold(talk->exec, false);
}

/* Nothing is told of it before there is somebody to tell. */
static void
on_viewed(void *arg, const struct rpc_process_info *process)
{
	struct talk *talk = arg;
	const struct websocket_client client = {.text = on_text,
	    .room = on_output_room, .arg = talk};

	talk->has_tty = process->has_tty != 0;
	exec_hold(talk->exec, true);
	exchange_reply_websocket(talk->exchange, on_opened, &client);
}

static void
on_found(void *arg, const struct rpc_process_info *process,
    const struct context_name *name, const struct err *failure)
{
	struct talk *talk = arg;
	struct exchange *exchange = talk->exchange;
	const struct exec_client client = {.viewed = on_viewed,
	    .output = on_output, .lost = on_lost, .channel = on_channel,
	    .room = on_input_room, .ended = on_ended, .arg = talk};
	struct err err;

	if (failure != NULL) {
		exchange_fail_err(exchange, failure);
		return;
	}
	talk->runner = name->runner;
	/* All that a command has written; of a REPL what comes. */
	talk->view = (struct rpc_process_view_req){process->id,
	    name->runner != NULL ? UINT64_MAX : 0, INIT_ATTACH_PACED, 0};
	if (exec_view(exchange_who(exchange), exchange_param(exchange, "id"),
	    &talk->view, &client, &talk->exec, &err) < 0)
		exchange_fail_err(exchange, &err);
}

static void
on_gone(void *arg)
{
	struct talk *talk = arg;

	exec_close(talk->exec);
	context_lines_fini(&talk->channel);
	outbox_fini(&talk->input);
}

void
sandbox0_connect_context(struct exchange *exchange)
{
	struct talk *talk = exchange_memory(exchange, sizeof *talk);
	const struct exchange_stream stream = {.gone = on_gone, .arg = talk};
	const struct err err = {ENOMEM, "out of memory"};

	if (talk == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	talk->exchange = exchange;
	exchange_set_stream(exchange, &stream);
	contexts_find_any(exchange_who(exchange),
	    exchange_param(exchange, "id"), exchange_param(exchange, "ctx"),
	    on_found, talk);
}
