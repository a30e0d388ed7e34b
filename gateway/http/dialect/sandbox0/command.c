// SPDX-License-Identifier: Apache-2.0
/* A command that a request waits for. */
#include <errno.h>
#include <stdio.h>

#include "common/clock.h"
#include "gateway/http/dialect/native/lines.h"
#include "gateway/http/dialect/native/text.h"
#include "gateway/http/dialect/sandbox0/contexts.h"

#define OUTPUT_MAX ((size_t)1 << 20) /* kept of each, and of both together */

struct running {
	struct exchange *exchange;
	struct exec *exec;
	struct rpc_process_start_req request;
	struct context_name name;
	char tag[CONTEXT_TAG_SIZE];
	struct outbox out, error, raw;
	struct rpc_process_info process; /* its numbers alone are good */
	bool is_truncated;
};

static void
on_started(void *arg, uint32_t id, uint32_t pid)
{
	struct running *running = arg;

	running->process.id = id;
	running->process.pid = pid;
}

static void
keep(struct running *running, struct outbox *outbox, const void *data,
    size_t size)
{
	const size_t room = OUTPUT_MAX - outbox_size(outbox);

	if (size > room || outbox_add(outbox, data, size) < 0)
		running->is_truncated = true;
	if (size > room)
		(void)outbox_add(outbox, data, room);
}

static void
on_output(void *arg, bool is_error, const void *data, size_t size,
    uint64_t position)
{
	struct running *running = arg;

	(void)position;
	keep(running, is_error ? &running->error : &running->out, data, size);
	keep(running, &running->raw, data, size);
}

static void
on_lost(void *arg, uint64_t n_bytes)
{
	struct running *running = arg;

	(void)n_bytes;
	running->is_truncated = true;
}

static json_t *
text_of(const struct outbox *outbox)
{
	return text_json(outbox->data + outbox->start, outbox_size(outbox));
}

static void
on_ended(void *arg, const struct exec_exit *exit, const struct err *err)
{
	struct running *running = arg;

	if (exit == NULL) {
		exchange_fail_err(running->exchange, err);
		return;
	}
	sandbox0_reply(running->exchange, 201, json_pack("{s:s, s:s, s:b, s:b, "
	    "s:o, s:o, s:o, s:o, s:i, s:s, s:b}", "id", running->name.name,
	    "type", "cmd", "running", 0, "paused", 0, "created_at",
	    sandbox0_time(running->process.started_ms), "output_raw",
	    text_of(&running->raw), "stdout", text_of(&running->out),
	    "stderr", text_of(&running->error), "exit_code",
	    (int)lines_exit_code(exit), "state",
	    sandbox0_exit_state(exit->is_signal, exit->code), "truncated",
	    (int)running->is_truncated));
}

static void
on_gone(void *arg)
{
	struct running *running = arg;

	exec_close(running->exec);
	outbox_fini(&running->out);
	outbox_fini(&running->error);
	outbox_fini(&running->raw);
}

void
sandbox0_run_command(struct exchange *exchange,
    const struct sandbox0_command_wish *wish)
{
	struct running *running = exchange_memory(exchange, sizeof *running);
	const struct exec_client client = {.started = on_started,
	    .output = on_output, .lost = on_lost, .ended = on_ended,
	    .arg = running};
	const struct exchange_stream stream = {.gone = on_gone,
	    .arg = running};
	struct err err = {ENOMEM, "out of memory"};

	if (running == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	running->exchange = exchange;
	running->process.started_ms = clock_unix_ms();
	snprintf(running->name.name, sizeof running->name.name, "%s",
	    wish->name);
	context_command_tag(wish->name, running->tag);
	running->request = wish->request;
	running->request.tag = running->tag;
	running->request.has_input = 0;
	running->request.attaches = INIT_ATTACH_PACED;
	exchange_set_stream(exchange, &stream);
	if (exec_open(exchange_who(exchange), exchange_param(exchange, "id"),
	    &running->request, &client, &running->exec, &err) < 0)
		exchange_fail_err(exchange, &err);
}
