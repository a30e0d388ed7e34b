// SPDX-License-Identifier: Apache-2.0
/* A command in a sandbox: its end and what it wrote, or all as it comes. */
#include "gateway/http/dialect/native/exec.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "gateway/http/dialect/native/input.h"
#include "gateway/http/dialect/native/lines.h"
#include "gateway/http/dialect/native/native.h"
#include "gateway/http/dialect/native/text.h"
#include "gateway/http/service/exec.h"

#define INPUT_MAX   (1 << 20)
#define TIMEOUT_MAX_S 300 /* in seconds; timeout_ms may be more */
#define OUTPUT_MAX  ((size_t)1 << 20) /* kept of each, where it is no stream */

const struct exec_kind native_execute = {.timeout_ms = 30000};

struct wish {
	struct start_wish start;
	const char *input, *workdir;
	uint32_t streams;
	uint64_t timeout_s;
};
#define WISH(field) offsetof(struct wish, field)

static const struct field wish_fields[] = {
    START_FIELDS(struct wish)
    {"input", FIELD_TEXT, WISH(input), 0, INPUT_MAX,
	"its standard input; left out: none"},
    {"stream", FIELD_BOOLEAN, WISH(streams), .text =
	"whether what it writes is told as it comes"},
    {"timeout", FIELD_SECONDS, WISH(timeout_s), 0, TIMEOUT_MAX_S,
	"the same as timeout_ms, by another word"},
    {"workdir", FIELD_STRING, WISH(workdir), 0, 4095,
	"the same as cwd, by another word"},
};
FIELD_TABLE(native_exec_wish, struct wish, wish_fields);

#define RESULT(field) offsetof(struct exec_result, field)

static const struct field result_fields[] = {
    {"id", FIELD_U32, RESULT(id), .text = "its number in the sandbox"},
    {"pid", FIELD_U32, RESULT(pid), .text = "its number there"},
    {"exit_code", FIELD_U32, RESULT(exit_code), .text =
	"128 and the signal's number, where one ended it"},
    {"signal", FIELD_STRING, RESULT(signal), .text =
	"that ended it", .is_nullable = true},
    {"timed_out", FIELD_BOOLEAN, RESULT(is_timed_out), .text =
	"whether its time did"},
    {"out_of_memory", FIELD_BOOLEAN, RESULT(is_oom), .text =
	"whether the sandbox's memory limit did"},
    {"stdout", FIELD_STRING, RESULT(out), .text =
	"the first MiB of it; what is not UTF-8 is U+FFFD"},
    {"stderr", FIELD_STRING, RESULT(err), .text = "the same"},
    {"stdout_bytes", FIELD_U64, RESULT(out_bytes), .text =
	"all it wrote there"},
    {"stderr_bytes", FIELD_U64, RESULT(err_bytes), .text = "the same"},
    {"duration", FIELD_MILLIS, RESULT(duration_ms), .text =
	"seconds from its start to its end"},
    {"truncated", FIELD_BOOLEAN, RESULT(is_truncated), .text =
	"whether there was more"},
};
FIELD_TABLE(native_exec_result, struct exec_result, result_fields);

struct running {
	struct exchange *exchange;
	struct exec *exec;
	struct rpc_process_start_req request;
	bool is_stream, is_begun, is_out_of_memory;
	struct input input;
	uint64_t started_ms;
	struct lines lines;	  /* where it is a stream */
	struct outbox out, error; /* else */
	struct exec_result result;
	const struct exec_kind *kind; /* NULL: native */
	char *room; /* that the request points into */
};

static void
on_started(void *arg, uint32_t id, uint32_t pid)
{
	struct running *running = arg;

	running->result.id = id;
	running->result.pid = pid;
	running->started_ms = clock_monotonic_ms();
	if (running->kind != NULL && running->kind->started != NULL)
		running->kind->started(running->exchange, id);
	if (!running->is_stream)
		return;
	running->is_begun = true;
	running->lines.exec = running->exec;
	lines_begin(&running->lines, json_pack("{s:s, s:I, s:I}", "event",
	    "start", "id", (json_int_t)id, "pid", (json_int_t)pid));
}

static void
on_output(void *arg, bool is_error, const void *data, size_t size,
    uint64_t position)
{
	struct running *running = arg;
	struct outbox *outbox = is_error ? &running->error : &running->out;
	size_t room;

	*(is_error ? &running->result.err_bytes :
	    &running->result.out_bytes) += size;
	if (running->is_stream) {
		lines_add_bytes(&running->lines, is_error, data, size,
		    position);
		return;
	}
	if (running->kind != NULL && running->kind->written != NULL)
		running->kind->written(running->exchange, data, size);
	room = OUTPUT_MAX - outbox_size(outbox);
	if (size > room)
		running->result.is_truncated = true;
	if (outbox_add(outbox, data, size < room ? size : room) < 0)
		running->is_out_of_memory = true;
}

static void
on_lost(void *arg, uint64_t n_bytes)
{
	struct running *running = arg;

	running->result.is_truncated = true;
	if (running->is_stream)
		lines_add_lost(&running->lines, n_bytes);
}

static void
on_room(void *arg)
{
	struct running *running = arg;

	input_give(&running->input, running->exec);
}

static void
reply_native(struct exchange *exchange, const struct exec_result *result)
{
	exchange_reply(exchange, 200, field_print(&native_exec_result,
	    result));
}

static void
reply_result(struct running *running)
{
	char *out = text_make(running->out.data + running->out.start,
	    outbox_size(&running->out));
	char *err = text_make(running->error.data + running->error.start,
	    outbox_size(&running->error));
	const struct exec_kind *kind = running->kind;

	running->result.out = out;
	running->result.err = err;
	if (out == NULL || err == NULL || running->is_out_of_memory)
		exchange_reply(running->exchange, 200, NULL);
	else if (kind != NULL && kind->reply != NULL)
		kind->reply(running->exchange, &running->result);
	else
		reply_native(running->exchange, &running->result);
	free(out);
	free(err);
}

static void
take_exit(struct running *running, const struct exec_exit *exit)
{
	running->result.exit_code = lines_exit_code(exit);
	running->result.signal = lines_exit_signal(exit);
	running->result.is_timed_out = exit->is_timed_out;
	running->result.is_oom = exit->is_oom;
	running->result.duration_ms = (uint32_t)(clock_monotonic_ms() -
	    running->started_ms);
	if (running->is_stream)
		lines_end_exit(&running->lines, exit);
	else
		reply_result(running);
}

static void
on_ended(void *arg, const struct exec_exit *exit, const struct err *err)
{
	struct running *running = arg;

	if (exit != NULL) {
		take_exit(running, exit);
	} else if (!running->is_begun) {
		exchange_fail_err(running->exchange, err);
	} else { /* the sandbox went away: said, and no exit follows */
		lines_end(&running->lines, json_pack("{s:s, s:s}", "event",
		    "error", "message", err->text));
	}
}

static ssize_t
give(void *arg, void *data, size_t size)
{
	struct running *running = arg;

	return lines_give(&running->lines, data, size);
}

static void
on_gone(void *arg)
{
	struct running *running = arg;

	exec_close(running->exec);
	lines_fini(&running->lines);
	outbox_fini(&running->out);
	outbox_fini(&running->error);
	free(running->room);
}

/* What is said in zwrm's words, in ours; false: the exchange has been failed.
 */
static bool
read_start(struct exchange *exchange, const struct wish *wish,
    struct start_wish *ret)
{
	const struct exec_kind *kind = exchange_route(exchange)->about;
	struct failure failure;

	*ret = wish->start;
	if (wish->timeout_s == FIELD_NEVER)
		failure_of_field(&failure, "timeout",
		    "must be from 1s to 5m");
	else if (wish->timeout_s != 0 && ret->timeout_ms != 0)
		failure_of_field(&failure, "timeout",
		    "is timeout_ms; give one of them");
	else if (wish->workdir != NULL && ret->cwd != NULL)
		failure_of_field(&failure, "workdir",
		    "is cwd; give one of them");
	else {
		if (wish->workdir != NULL)
			ret->cwd = wish->workdir;
		if (wish->timeout_s != 0)
			ret->timeout_ms = wish->timeout_s * 1000;
		if (ret->timeout_ms == 0 && kind != NULL)
			ret->timeout_ms = kind->timeout_ms;
		return start_check(exchange, ret);
	}
	exchange_fail(exchange, &failure);
	return false;
}

static void
set_input(struct running *running, const char *text)
{
	running->request.has_input = text != NULL;
	running->input = (struct input){.text = text, .is_all = true};
}

static void
set_native(struct running *running, const struct wish *wish)
{
	running->is_stream = wish->streams == FIELD_TRUE;
	set_input(running, wish->input);
}

/* What is asked for, by the route's kind; false: the exchange has been failed.
 */
static bool
read_any(struct exchange *exchange, struct start_wish *ret, char **ret_room)
{
	const struct exec_kind *kind = exchange_route(exchange)->about;

	return kind != NULL && kind->read != NULL ?
	    kind->read(exchange, ret, ret_room) :
	    read_start(exchange, exchange_input(exchange), ret);
}

void
native_exec(struct exchange *exchange)
{
	const struct exec_kind *kind = exchange_route(exchange)->about;
	const bool is_native = kind == NULL || kind->read == NULL;
	struct running *running = NULL;
	struct exec_client client = {.started = on_started,
	    .output = on_output, .lost = on_lost, .room = on_room,
	    .ended = on_ended};
	struct exchange_stream stream = {.give = give, .gone = on_gone};
	struct err err = {ENOMEM, "out of memory"};
	struct start_wish start = {0};
	char *room = NULL;

	if (!read_any(exchange, &start, &room))
		return;
	running = exchange_memory(exchange, sizeof *running);
	if (running == NULL) {
		free(room);
		exchange_fail_err(exchange, &err);
		return;
	}
	*running = (struct running){.exchange = exchange, .kind = kind,
	    .room = room, .lines.exchange = exchange,
	    .input = {.is_all = true}};
	start_request(&start, &running->request);
	running->request.attaches = INIT_ATTACH_PACED;
	if (is_native)
		set_native(running, exchange_input(exchange));
	else if (kind->input != NULL)
		set_input(running, kind->input(exchange));
	client.arg = stream.arg = running;
	exchange_set_stream(exchange, &stream);
	if (exec_open(exchange_who(exchange), exchange_param(exchange, "id"),
	    &running->request, &client, &running->exec, &err) < 0)
		exchange_fail_err(exchange, &err);
	else
		input_give(&running->input, running->exec);
}
