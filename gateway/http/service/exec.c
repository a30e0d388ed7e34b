// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/service/exec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "common/buffer.h"
#include "common/task_frame.h"
#include "gateway/http/back/identity.h"
#include "gateway/http/back/inside.h"

_Static_assert(EXEC_OUTPUT_MAX >= INSIDE_DATAGRAM_MAX, "one is all of it");

struct exec {
	struct inside *inside;
	struct exec_client client;
	uint32_t id; /* of what exec_open or exec_start has started */
	bool is_ended;
};

static void
on_started(void *arg, const void *data)
{
	struct exec *exec = arg;
	const struct rpc_process_start_rep *reply = data;

	exec->id = reply->id;
	inside_hold(exec->inside, false);
	exec->client.started(exec->client.arg, reply->id, reply->pid);
}

static void
on_viewed(void *arg, const void *data)
{
	struct exec *exec = arg;
	const struct rpc_process_view_rep *reply = data;
	struct rpc_bytes list = reply->process;
	struct rpc_process_info process;
	struct err err = {EBADMSG, "the sandbox told of no process"};

	inside_hold(exec->inside, false);
	if (rpc_list_next(&rpc_layout_process_info, &list, &process))
		exec->client.viewed(exec->client.arg, &process);
	else
		exec->client.ended(exec->client.arg, NULL, &err);
}

static void
end(struct exec *exec, const struct exec_exit *exit, const struct err *err)
{
	if (exec->is_ended)
		return;
	exec->is_ended = true;
	exec->client.ended(exec->client.arg, exit, err);
}

static void
take_exit(struct exec *exec, const struct task_frame *frame)
{
	int status = (int)frame->value;
	const struct exec_exit exit = {.is_signal = WIFSIGNALED(status),
	    .code = WIFSIGNALED(status) ? WTERMSIG(status) :
		WEXITSTATUS(status),
	    .is_timed_out = (frame->flags & TASK_FRAME_TIMED_OUT) != 0,
	    .is_oom = (frame->flags & TASK_FRAME_OOM) != 0};

	end(exec, &exit, NULL);
}

/* What is told of no output. */
static void
take_news(struct exec *exec, const struct task_frame *frame)
{
	const struct exec_client *client = &exec->client;
	bool is_refused = frame->kind == TASK_FRAME_REFUSED;

	if (frame->kind == TASK_FRAME_EXITED) {
		take_exit(exec, frame);
	} else if (frame->kind == TASK_FRAME_STOPPED) {
		exec->is_ended = true;
		if (client->stopped != NULL)
			client->stopped(client->arg, frame->position);
	} else if ((is_refused || frame->kind == TASK_FRAME_TAKEN) &&
	    client->taken != NULL) {
		client->taken(client->arg, frame->value, is_refused);
	}
}

/* What is no frame, or of a kind that nobody knows, is passed over. */
static void
on_datagram(void *arg, const uint8_t *data, size_t size)
{
	struct exec *exec = arg;
	struct task_frame frame;

	if (size < sizeof frame || exec->is_ended)
		return;
	memcpy(&frame, data, sizeof frame);
	data += sizeof frame;
	size -= sizeof frame;
	if (frame.kind == TASK_FRAME_CHANNEL) {
		if (exec->client.channel != NULL)
			exec->client.channel(exec->client.arg, data, size);
		return;
	}
	if (frame.kind != TASK_FRAME_STDOUT &&
	    frame.kind != TASK_FRAME_STDERR && frame.kind != TASK_FRAME_GAP)
		take_news(exec, &frame);
	else if (exec->client.output == NULL)
		;
	else if (frame.kind == TASK_FRAME_GAP)
		exec->client.lost(exec->client.arg, frame.value);
	else
		exec->client.output(exec->client.arg,
		    frame.kind == TASK_FRAME_STDERR, data, size,
		    frame.position);
}

static void
on_room(void *arg)
{
	struct exec *exec = arg;

	if (exec->client.room != NULL)
		exec->client.room(exec->client.arg);
}

static void
on_due(void *arg)
{
	struct exec *exec = arg;

	if (exec->client.due != NULL)
		exec->client.due(exec->client.arg);
}

static void
on_ended(void *arg, const struct err *err)
{
	end(arg, NULL, err);
}

static void
on_attached(void *arg)
{
	const struct exec *exec = arg;

	if (exec->client.attached != NULL)
		exec->client.attached(exec->client.arg);
}

void
exec_tell_begun(struct identity *who, const char *sandbox_id)
{
	identity_tell_sandboxd(who, &rpc_call_sandbox_befell,
	    &(struct rpc_sandbox_befell_event){sandbox_id, "exec", "api"});
}

static int
open_by(struct identity *who, const char *sandbox_id,
    const struct rpc_call *call, const void *request,
    void (*started)(void *arg, const void *reply),
    const struct exec_client *client, struct exec **ret, struct err *err)
{
	struct exec *exec = calloc(1, sizeof *exec);
	const struct inside_client of_inside = {.attached = on_attached,
	    .started = started, .datagram = on_datagram, .room = on_room,
	    .due = on_due, .ended = on_ended,
	    .arg = exec};
	int r;

	if (exec == NULL)
		return err_set(err, ENOMEM, "out of memory");
	exec->client = *client;
	*ret = exec;
	r = inside_open(who, sandbox_id, call, request, &of_inside,
	    &exec->inside, err);
	if (r < 0) {
		*ret = NULL;
		free(exec);
		return r;
	}
	/* What it writes comes after it is known to have started. */
	inside_hold(exec->inside, true);
	return 0;
}

int
exec_open(struct identity *who, const char *sandbox_id,
    const struct rpc_process_start_req *request,
    const struct exec_client *client, struct exec **ret, struct err *err)
{
	int r = open_by(who, sandbox_id, &rpc_call_process_start_on, request,
	    on_started, client, ret, err);

	if (r == 0)
		exec_tell_begun(who, sandbox_id);
	return r;
}

int
exec_attach(struct identity *who, const char *sandbox_id,
    const struct exec_client *client, struct exec **ret, struct err *err)
{
	return open_by(who, sandbox_id, NULL, NULL, on_started, client, ret,
	    err);
}

void
exec_start(struct exec *exec, struct identity *who, const char *sandbox_id,
    const struct rpc_process_start_req *request)
{
	exec_tell_begun(who, sandbox_id);
	inside_start(exec->inside, &rpc_call_process_start_on, request);
}

void
exec_signal(struct exec *exec, int signal)
{
	const struct rpc_process_signal_req request = {exec->id, signal};

	if (exec->id != 0 && !exec->is_ended)
		inside_ask(exec->inside, &rpc_call_process_signal, &request);
}

int
exec_view(struct identity *who, const char *sandbox_id,
    const struct rpc_process_view_req *request,
    const struct exec_client *client, struct exec **ret, struct err *err)
{
	return open_by(who, sandbox_id, &rpc_call_process_view_on, request,
	    on_viewed, client, ret, err);
}

void
exec_set_patience(struct exec *exec, uint64_t timeout_ms)
{
	inside_set_patience(exec->inside, timeout_ms);
}

void
exec_set_due(struct exec *exec, uint64_t in_ms)
{
	inside_set_due(exec->inside, in_ms);
}

void
exec_close(struct exec *exec)
{
	if (exec == NULL)
		return;
	inside_close(exec->inside);
	free(exec);
}

static int
send_frame(struct exec *exec, uint32_t kind, uint64_t value,
    const void *data, size_t size)
{
	not_cleared uint8_t datagram[sizeof(struct task_frame) +
	    EXEC_INPUT_MAX];
	const struct task_frame frame = {.kind = kind, .value = value};

	memcpy(datagram, &frame, sizeof frame);
	if (size > 0)
		memcpy(datagram + sizeof frame, data, size);
	return inside_send(exec->inside, datagram, sizeof frame + size);
}

size_t
exec_input(struct exec *exec, const void *data, size_t size)
{
	size_t used = 0, n;

	while (used < size) {
		n = size - used < EXEC_INPUT_MAX ? size - used :
		    EXEC_INPUT_MAX;
		if (send_frame(exec, TASK_FRAME_INPUT, 0,
		    (const uint8_t *)data + used, n) < 0)
			break;
		used += n;
	}
	return used;
}

bool
exec_input_end(struct exec *exec)
{
	return send_frame(exec, TASK_FRAME_INPUT_END, 0, NULL, 0) != -EAGAIN;
}

void
exec_resize(struct exec *exec, uint32_t rows, uint32_t columns)
{
	(void)send_frame(exec, TASK_FRAME_RESIZE,
	    (uint64_t)rows << 16 | columns, NULL, 0);
}

void
exec_hold(struct exec *exec, bool is_held)
{
	inside_hold(exec->inside, is_held);
}
