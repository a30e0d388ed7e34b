// SPDX-License-Identifier: Apache-2.0
/* Code that a context runs: what came of it, or all as it comes. */
#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json_load.h"
#include "gateway/http/back/identity.h"
#include "gateway/http/dialect/native/context.h"
#include "gateway/http/dialect/native/input.h"
#include "gateway/http/dialect/native/lines.h"
#include "gateway/http/dialect/native/text.h"
#include "gateway/http/service/turns.h"

#define OUTPUT_MAX	((size_t)1 << 20) /* of each, where it is no stream */
#define RESULTS_MAX	((size_t)32 << 20) /* the same, of all of them */
#define TIMEOUT_MAX_MS	((uint64_t)24 * 3600 * 1000)
/* From the interrupt to the kill. */
#define GRACE_MS 2000

struct wish {
	const char *code;
	uint64_t timeout_ms;
	uint32_t streams;
};
#define WISH(field) offsetof(struct wish, field)
static const struct field wish_fields[] = {
    {"code", FIELD_TEXT, WISH(code), 0, CONTEXT_CODE_MAX, "what to run",
	"code of its language"},
    {"timeout_ms", FIELD_U64, WISH(timeout_ms), 0, TIMEOUT_MAX_MS,
	"after which it is interrupted; left out or 0: never"},
    {"stream", FIELD_BOOLEAN, WISH(streams), .text =
	"whether it is told as it comes"},
};
FIELD_TABLE(native_run_wish, struct wish, wish_fields);

struct problem {
	const char *name, *value, *traceback;
};
static const struct field problem_fields[] = {
    {"name", FIELD_STRING, offsetof(struct problem, name), .text =
	"its class"},
    {"value", FIELD_STRING, offsetof(struct problem, value), .text =
	"what it says"},
    {"traceback", FIELD_STRING, offsetof(struct problem, traceback), .text =
	"where it was"},
};
FIELD_TABLE(native_run_error, struct problem, problem_fields);

struct summary {
	const char *out, *err;
	uint32_t exit_code, is_timed_out, is_truncated;
};
#define SUMMARY(field) offsetof(struct summary, field)
static const struct field summary_fields[] = {
    {"stdout", FIELD_STRING, SUMMARY(out), .text = "the first MiB of it"},
    {"stderr", FIELD_STRING, SUMMARY(err), .text = "the same"},
    {"truncated", FIELD_BOOLEAN, SUMMARY(is_truncated), .text =
	"whether there was more"},
    {"timed_out", FIELD_BOOLEAN, SUMMARY(is_timed_out), .text =
	"whether its time was over"},
    {"exit_code", FIELD_U32, SUMMARY(exit_code), .text =
	"of bash, the status of its last command; else 0"},
};
FIELD_TABLE(native_run_summary, struct summary, summary_fields);

struct running {
	struct exchange *exchange;
	struct context_run_wish wish;
	struct exec *exec;
	struct rpc_process_view_req view;
	struct context_lines channel;
	struct lines lines; /* where it is a stream */
	struct outbox out, error, raw; /* the last where it is translated */
	struct summary summary;
	json_t *results, *problem; /* owned */
	size_t results_bytes;
	char run[CONTEXT_RUN_SIZE];
	char *text; /* of the input; owned */
	struct input input;
	struct turn turn;
	uint32_t n_runs; /* of the context, this one among them; 0: not known */
	bool has_turn, is_begun, is_mine, is_over;
};

/* What has begun is interrupted: else nobody could use the context again, where
 * it would not end. What has not had its turn never runs. */
static void
on_gone(void *arg)
{
	struct running *running = arg;

	if (running->wish.is_interrupted && running->is_mine &&
	    !running->is_over)
		turn_interrupt(&running->turn,
		    exchange_who(running->exchange));
	else
		turn_leave(&running->turn);
	exec_close(running->exec);
	lines_fini(&running->lines);
	context_lines_fini(&running->channel);
	outbox_fini(&running->out);
	outbox_fini(&running->error);
	outbox_fini(&running->raw);
	json_decref(running->results);
	json_decref(running->problem);
	free(running->text);
}

static void
begin_reply(struct running *running)
{
	if (!running->wish.is_stream || running->is_begun)
		return;
	running->is_begun = true;
	running->lines.exec = running->exec;
	lines_begin(&running->lines, json_pack("{s:s, s:I, s:I}", "event",
	    "start", "process", (json_int_t)running->view.id, "number",
	    (json_int_t)running->n_runs));
}

static json_t *
text_of(const struct outbox *outbox)
{
	return text_json(outbox->data + outbox->start, outbox_size(outbox));
}

/* The value of the last expression as text, or null. */
static json_t *
main_text(const struct running *running)
{
	json_t *result;
	size_t i;

	json_array_foreach(running->results, i, result)
		if (json_is_true(json_object_get(result, "is_main")))
			return json_incref(json_object_get(result, "text"));
	return json_null();
}

/* In the words of whoever asked. */
static void
reply(struct running *running, json_t *answer)
{
	if (running->wish.translate_answer != NULL && answer != NULL) {
		(void)json_object_set_new(answer, "raw",
		    text_of(&running->raw));
		answer = running->wish.translate_answer(answer);
	}
	exchange_reply(running->exchange, 200, answer);
}

static void
finish(struct running *running)
{
	const struct summary *summary = &running->summary;

	running->is_over = true;
	turn_leave(&running->turn);
	if (running->wish.is_stream) {
		begin_reply(running);
		lines_end(&running->lines, json_pack("{s:s, s:i, s:b}",
		    "event", "end", "exit_code", (int)summary->exit_code,
		    "timed_out", (int)summary->is_timed_out));
		return;
	}
	reply(running, json_pack(
	    "{s:o, s:o, s:o, s:O, s:O, s:i, s:b, s:b}", "stdout",
	    text_of(&running->out), "stderr", text_of(&running->error),
	    "result", main_text(running), "results", running->results,
	    "error", running->problem, "exit_code",
	    (int)summary->exit_code, "timed_out", (int)summary->is_timed_out,
	    "truncated", (int)summary->is_truncated));
}

/* An event of the stream, or a part of the answer. */
static void
take_result(struct running *running, json_t *frame, size_t size)
{
	json_object_del(frame, "run");
	json_object_del(frame, "type");
	if (running->wish.is_stream) {
		(void)json_object_set_new(frame, "event",
		    json_string("result"));
		lines_add(&running->lines, json_incref(frame));
	} else if (size > RESULTS_MAX - running->results_bytes) {
		running->summary.is_truncated = true;
	} else {
		running->results_bytes += size;
		(void)json_array_append(running->results, frame);
	}
}

static const char *
member(const json_t *frame, const char *name)
{
	const char *text = json_string_value(json_object_get(frame, name));

	return text != NULL ? text : "";
}

static void
set_problem(struct running *running, const char *name, const char *value,
    const char *traceback)
{
	json_t *problem = json_pack("{s:s, s:s, s:s}", "name", name, "value",
	    value, "traceback", traceback);

	if (running->wish.is_stream && problem != NULL) {
		begin_reply(running);
		(void)json_object_set_new(problem, "event",
		    json_string("failure"));
		lines_add(&running->lines, json_incref(problem));
	}
	json_decref(running->problem);
	running->problem = problem != NULL ? problem : json_null();
}

static void
take_end(struct running *running, const json_t *frame)
{
	running->is_mine = false;
	running->summary.exit_code = (uint32_t)json_integer_value(
	    json_object_get(frame, "exit_code"));
	finish(running);
}

static void
take_begin(struct running *running, const json_t *frame)
{
	running->is_mine = true;
	running->n_runs = (uint32_t)json_integer_value(
	    json_object_get(frame, "n"));
	if (running->wish.begun != NULL)
		running->wish.begun(running->exchange, running->view.id);
	begin_reply(running);
	if (running->wish.timeout_ms > 0)
		exec_set_due(running->exec, running->wish.timeout_ms);
}

/* What it says is believed of what ran here, and of nothing else. */
static void
on_line(void *arg, const char *line, size_t size)
{
	struct running *running = arg;
	json_t *frame = size > 0 ? json_load_whole(line, size, 0, NULL) :
	    NULL;
	const char *type = member(frame, "type");

	if (running->is_over || frame == NULL ||
	    strcmp(member(frame, "run"), running->run) != 0)
		;
	else if (strcmp(type, "begin") == 0)
		take_begin(running, frame);
	else if (strcmp(type, "result") == 0)
		take_result(running, frame, size);
	else if (strcmp(type, "error") == 0)
		set_problem(running, member(frame, "name"),
		    member(frame, "value"), member(frame, "traceback"));
	else if (strcmp(type, "end") == 0)
		take_end(running, frame);
	json_decref(frame);
}

static void
fail(struct running *running, const char *name, const char *value)
{
	set_problem(running, name, value, "");
	finish(running);
}

static void
on_channel(void *arg, const void *data, size_t size)
{
	struct running *running = arg;

	if (!running->is_over && context_lines_add(&running->channel, data,
	    size, on_line, running) < 0)
		fail(running, "TooLarge", "a result of more than 16 MiB");
}

static void
on_output(void *arg, bool is_error, const void *data, size_t size,
    uint64_t position)
{
	struct running *running = arg;
	struct outbox *outbox = is_error ? &running->error : &running->out;
	size_t room = OUTPUT_MAX - outbox_size(outbox);

	if (!running->is_mine || running->is_over)
		return;
	if (running->wish.is_stream) {
		lines_add_bytes(&running->lines, is_error, data, size,
		    position);
		return;
	}
	if (running->wish.written != NULL)
		running->wish.written(running->exchange, data, size);
	if (size > room)
		running->summary.is_truncated = true;
	(void)outbox_add(outbox, data, size < room ? size : room);
	if (running->wish.translate_answer != NULL)
		(void)outbox_add(&running->raw, data, size < room ? size :
		    room);
}

static void
on_lost(void *arg, uint64_t n_bytes)
{
	struct running *running = arg;

	(void)n_bytes;
	running->summary.is_truncated = true;
}

static void
on_signalled(void *arg, const struct err *err)
{
	(void)arg;
	(void)err;
}

/* Its time is over; then, where that did not help, that of the context. */
static void
on_due(void *arg)
{
	struct running *running = arg;
	struct exchange *exchange = running->exchange;
	bool is_first = !running->summary.is_timed_out;

	if (running->is_over)
		return;
	running->summary.is_timed_out = true;
	if (is_first)
		exec_set_due(running->exec, GRACE_MS);
	if (is_first)
		processes_signal(exchange_who(exchange),
		    exchange_param(exchange, "id"), running->view.id, SIGINT,
		    on_signalled, NULL);
	else
		processes_kill(exchange_who(exchange),
		    exchange_param(exchange, "id"), running->view.id,
		    on_signalled, NULL);
}

static void
on_turn(void *arg)
{
	struct running *running = arg;

	running->has_turn = true;
	input_give(&running->input, running->exec);
}

static void
on_viewed(void *arg, const struct rpc_process_info *process)
{
	struct running *running = arg;

	(void)process;
	running->lines.exec = running->exec;
	turn_wait(&running->turn, exchange_param(running->exchange, "id"),
	    running->view.id, on_turn, running);
	if (!running->has_turn && running->wish.is_stream)
		lines_open(&running->lines);
}

static void
on_room(void *arg)
{
	struct running *running = arg;

	if (running->has_turn)
		input_give(&running->input, running->exec);
}

static void
on_ended(void *arg, const struct exec_exit *exit, const struct err *err)
{
	struct running *running = arg;
	char words[64];

	if (running->is_over)
		return;
	if (exit == NULL && !running->is_begun && !running->lines.is_open) {
		exchange_fail_err(running->exchange, err);
		return;
	}
	if (exit == NULL) {
		fail(running, "ContextLost", err->text);
		return;
	}
	snprintf(words, sizeof words, exit->is_signal ?
	    "the context was ended by signal %d; restart it" :
	    "the context ended with status %d; restart it", exit->code);
	fail(running, "ContextEnded", words);
}

static ssize_t
give(void *arg, void *data, size_t size)
{
	struct running *running = arg;

	return lines_give(&running->lines, data, size);
}

static void
start(struct running *running, const struct context_name *name)
{
	const struct exec_client client = {.viewed = on_viewed,
	    .output = on_output, .lost = on_lost, .channel = on_channel,
	    .room = on_room, .due = on_due, .ended = on_ended,
	    .arg = running};
	const struct field_variables *env = running->wish.env;
	struct err err = {ENOMEM, "out of memory"};

	running->text = context_input_with(name->runner, running->run,
	    running->wish.code, env != NULL ? env->data : NULL,
	    env != NULL ? env->count : 0);
	running->input = (struct input){.text = running->text,
	    .is_by_line = true};
	if (running->text == NULL || exec_view(
	    exchange_who(running->exchange),
	    exchange_param(running->exchange, "id"), &running->view, &client,
	    &running->exec, &err) < 0)
		exchange_fail_err(running->exchange, &err);
}

static void
on_found(void *arg, const struct rpc_process_info *process,
    const struct context_name *name, const struct err *err)
{
	struct running *running = arg;
	struct failure failure;

	if (err != NULL) {
		exchange_fail_err(running->exchange, err);
	} else if (process->ended_ms != 0) {
		failure_set(&failure, 409, "conflict", NULL,
		    "%s: the context has ended; restart it", name->name);
		exchange_fail(running->exchange, &failure);
	} else {
		running->view = (struct rpc_process_view_req){process->id,
		    UINT64_MAX, INIT_ATTACH_PACED, 0};
		start(running, name);
	}
}

void
context_run(struct exchange *exchange, const struct context_run_wish *wish)
{
	struct running *running = exchange_memory(exchange, sizeof *running);
	struct exchange_stream stream = {.give = give, .gone = on_gone,
	    .arg = running};
	const struct err err = {ENOMEM, "out of memory"};
	uint8_t bytes[8];

	if (running == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	running->exchange = running->lines.exchange = exchange;
	running->wish = *wish;
	running->lines.translate = wish->translate;
	running->results = json_array();
	running->problem = json_null();
	randombytes_buf(bytes, sizeof bytes);
	sodium_bin2hex(running->run, sizeof running->run, bytes,
	    sizeof bytes);
	exchange_set_stream(exchange, &stream);
	contexts_find(exchange_who(exchange), exchange_param(exchange, "id"),
	    wish->context, on_found, running);
}

void
native_run_in_context(struct exchange *exchange)
{
	const struct wish *wish = exchange_input(exchange);

	context_run(exchange, &(struct context_run_wish){
	    .context = exchange_param(exchange, "ctx"), .code = wish->code,
	    .timeout_ms = wish->timeout_ms,
	    .is_stream = wish->streams == FIELD_TRUE});
}
