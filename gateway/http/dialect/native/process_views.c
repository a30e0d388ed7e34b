// SPDX-License-Identifier: Apache-2.0
/* Looking at a process: what it writes, its end, and what it reads. */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "gateway/http/dialect/native/lines.h"
#include "gateway/http/dialect/native/process.h"
#include "gateway/http/service/processes.h"

#define PATIENCE_MAX_MS ((uint64_t)24 * 3600 * 1000)

struct watching {
	struct exchange *exchange;
	struct exec *exec;
	struct rpc_process_view_req request;
	struct lines lines; /* of output */
	/* Of input: bytes given, and whether that was all. */
	uint64_t n_given, n_taken;
	bool is_whole;
	uint64_t patience_ms; /* of a wait; 0 = as long as it takes */
};

static void
on_gone(void *arg)
{
	struct watching *watching = arg;

	exec_close(watching->exec);
	lines_fini(&watching->lines);
}

/* Opens a view; what was not set yet of the client, and gone, is filled in. */
static void
begin(struct watching *watching, struct exec_client *client,
    struct exchange_stream *stream)
{
	struct exchange *exchange = watching->exchange;
	struct err err;

	client->arg = watching;
	stream->arg = watching;
	stream->gone = on_gone;
	exchange_set_stream(exchange, stream);
	if (exec_view(exchange_who(exchange), exchange_param(exchange, "id"),
	    &watching->request, client, &watching->exec, &err) < 0)
		exchange_fail_err(exchange, &err);
}

/* NULL: the exchange has been failed. */
static struct watching *
new_watching(struct exchange *exchange, uint32_t views)
{
	struct err err = {ENOMEM, "out of memory"};
	struct watching *watching;
	uint32_t id;

	if (!process_id(exchange, &id))
		return NULL;
	watching = exchange_memory(exchange, sizeof *watching);
	if (watching == NULL) {
		exchange_fail_err(exchange, &err);
		return NULL;
	}
	watching->exchange = watching->lines.exchange = exchange;
	watching->request.id = id;
	watching->request.views = views;
	return watching;
}

/* -- what it writes */

static void
on_viewed(void *arg, const struct rpc_process_info *process)
{
	struct watching *watching = arg;
	uint64_t from = watching->request.position;

	watching->lines.exec = watching->exec;
	lines_begin(&watching->lines, json_pack(
	    "{s:s, s:I, s:I, s:I, s:b}", "event", "start", "id",
	    (json_int_t)process->id, "pid", (json_int_t)process->pid,
	    "position", (json_int_t)(from < process->start_position ?
		process->start_position : from < process->end_position ?
		from : process->end_position),
	    "truncated", from < process->start_position));
}

static void
on_output(void *arg, bool is_error, const void *data, size_t size,
    uint64_t position)
{
	struct watching *watching = arg;

	lines_add_bytes(&watching->lines, is_error, data, size, position);
}

static void
on_lost(void *arg, uint64_t n_bytes)
{
	struct watching *watching = arg;

	lines_add_lost(&watching->lines, n_bytes);
}

static void
on_stopped(void *arg, uint64_t position)
{
	struct watching *watching = arg;

	lines_end(&watching->lines, json_pack("{s:s, s:I}", "event",
	    "running", "next", (json_int_t)position));
}

static void
on_output_end(void *arg, const struct exec_exit *exit, const struct err *err)
{
	struct watching *watching = arg;

	if (exit != NULL)
		lines_end_exit(&watching->lines, exit);
	else if (watching->lines.exec == NULL)
		exchange_fail_err(watching->exchange, err);
	else /* the sandbox went away: said, and no exit follows */
		lines_end(&watching->lines, json_pack("{s:s, s:s}", "event",
		    "error", "message", err->text));
}

static ssize_t
give(void *arg, void *data, size_t size)
{
	struct watching *watching = arg;

	return lines_give(&watching->lines, data, size);
}

void
native_read_process(struct exchange *exchange)
{
	struct exec_client client = {.viewed = on_viewed,
	    .output = on_output, .lost = on_lost, .stopped = on_stopped,
	    .ended = on_output_end};
	struct exchange_stream stream = {.give = give};
	struct watching *watching;
	uint64_t from = 0, follow = 0;

	if (!process_number(exchange, "from", INT64_MAX, &from) ||
	    !process_number(exchange, "follow", 1, &follow))
		return;
	watching = new_watching(exchange, INIT_ATTACH);
	if (watching == NULL)
		return;
	watching->request.position = from;
	watching->request.ends_at_now = follow == 0;
	begin(watching, &client, &stream);
}

/* -- its end */

/* As it is now: its end is known, or nobody waits any more. */
static void
on_got(void *arg, const struct rpc_process_get_rep *reply,
    const struct err *err)
{
	struct rpc_bytes list = err == NULL ? reply->process :
	    (struct rpc_bytes){0};
	struct rpc_process_info info;

	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		exchange_reply(arg, 200, rpc_list_next(
		    &rpc_layout_process_info, &list, &info) ?
		    process_print(&info) : NULL);
}

static void
on_wait_viewed(void *arg, const struct rpc_process_info *process)
{
	const struct watching *watching = arg;

	(void)process;
	if (watching->patience_ms > 0)
		exec_set_patience(watching->exec, watching->patience_ms);
}

static void
on_wait_end(void *arg, const struct exec_exit *exit, const struct err *err)
{
	const struct watching *watching = arg;

	if (exit == NULL && err->code != ETIMEDOUT)
		exchange_fail_err(watching->exchange, err);
	else
		processes_get(exchange_who(watching->exchange),
		    exchange_param(watching->exchange, "id"),
		    watching->request.id, on_got, watching->exchange);
}

void
native_wait_process(struct exchange *exchange)
{
	struct exec_client client = {.viewed = on_wait_viewed,
	    .ended = on_wait_end};
	struct exchange_stream stream = {0};
	struct watching *watching;
	uint64_t timeout_ms = 0;

	if (!process_number(exchange, "timeout_ms", PATIENCE_MAX_MS,
	    &timeout_ms))
		return;
	watching = new_watching(exchange, INIT_ATTACH_QUIET);
	if (watching == NULL)
		return;
	watching->patience_ms = timeout_ms;
	begin(watching, &client, &stream);
}

/* -- what it reads */

static const struct field input_fields[] = {
    {"bytes", FIELD_U64, offsetof(struct watching, n_taken), .text =
	"that were written to it"},
};
FIELD_TABLE(native_input, struct watching, input_fields);

static void
reply_taken(struct watching *watching)
{
	if (watching->is_whole && watching->n_taken == watching->n_given)
		exchange_reply(watching->exchange, 200,
		    field_print(&native_input, watching));
}

static void
on_input_viewed(void *arg, const struct rpc_process_info *process)
{
	struct watching *watching = arg;

	(void)process;
	exchange_accept(watching->exchange);
}

static size_t
take(void *arg, const void *data, size_t size)
{
	struct watching *watching = arg;
	size_t n = exec_input(watching->exec, data, size);

	watching->n_given += n;
	return n;
}

static void
on_whole(void *arg)
{
	struct watching *watching = arg;

	watching->is_whole = true;
	reply_taken(watching);
}

static void
on_input_room(void *arg)
{
	struct watching *watching = arg;

	exchange_proceed(watching->exchange);
}

static void
fail_refused(struct watching *watching)
{
	struct failure failure;

	failure_set(&failure, 409, "conflict", NULL, "process %u: nobody "
	    "reads its input any more; %llu bytes were taken",
	    watching->request.id, (unsigned long long)watching->n_taken);
	exchange_fail(watching->exchange, &failure);
}

static void
on_taken(void *arg, uint64_t n_bytes, bool is_refused)
{
	struct watching *watching = arg;

	watching->n_taken = n_bytes;
	if (is_refused)
		fail_refused(watching);
	else
		reply_taken(watching);
}

static void
on_input_end(void *arg, const struct exec_exit *exit, const struct err *err)
{
	struct watching *watching = arg;

	if (exit != NULL)
		fail_refused(watching);
	else
		exchange_fail_err(watching->exchange, err);
}

void
native_write_process(struct exchange *exchange)
{
	struct exec_client client = {.viewed = on_input_viewed,
	    .taken = on_taken, .room = on_input_room, .ended = on_input_end};
	struct exchange_stream stream = {.take = take, .end = on_whole};
	struct watching *watching = new_watching(exchange, INIT_ATTACH_QUIET);

	if (watching != NULL)
		begin(watching, &client, &stream);
}
