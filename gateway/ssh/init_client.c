// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/init_client.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static struct rpc_client *
new_client(struct init_client *client,
    int (*event)(void *arg, const struct rpc_message *message), int *fd)
{
	/* What is under way is bounded by who asks; what the other side does
	 * not read now is not kept, but asked again. */
	const struct rpc_client_options options = {.calls_max = SIZE_MAX,
	    .event = event, .arg = client};
	struct rpc_client *ret = NULL;
	struct err err;

	if (*fd < 0 || rpc_client_new(&options, &ret, &err) < 0)
		fd_close(fd);
	else
		rpc_client_connect(ret, *fd);
	return ret;
}

/* Of processes, which is init's to tell. */
static int
take_exit(void *arg, const struct rpc_message *message)
{
	struct init_event *event = ((struct init_client *)arg)->event;
	struct rpc_exited_event exited;
	int r;

	if (message->header.number == rpc_call_oom.number) {
		event->kind = INIT_OOM;
		return 0;
	}
	r = rpc_open_request(&rpc_call_exited, message, &exited);
	if (r < 0)
		return r;
	event->kind = INIT_EXITED;
	event->handle = exited.handle;
	event->wait_status = exited.wait_status;
	return 0;
}

static int
take_denied(struct init_event *event, const struct rpc_message *message)
{
	struct rpc_sandbox_denied_event denied;

	if (rpc_open_request(&rpc_call_sandbox_denied, message, &denied) < 0)
		return 0;
	event->kind = INIT_DENIED;
	snprintf(event->cause, sizeof event->cause, "%s", denied.cause);
	return 0;
}

/* Of the sandbox, which is sandboxd's to tell. Between the two ends of a pause
 * nothing is sent to init. */
static int
take_moved(void *arg, const struct rpc_message *message)
{
	struct init_client *client = arg;
	struct init_event *event = client->event;
	struct rpc_sandbox_moved_event moved;

	if (message->header.number == rpc_call_sandbox_denied.number)
		return take_denied(event, message);
	if (message->header.number != rpc_call_sandbox_moved.number ||
	    rpc_open_request(&rpc_call_sandbox_moved, message, &moved) < 0)
		return 0;
	event->kind = INIT_MOVED;
	client->is_paused = strcmp(moved.state, "pausing") == 0 ||
	    strcmp(moved.state, "paused") == 0 ||
	    strcmp(moved.state, "resuming") == 0;
	snprintf(event->text, sizeof event->text, "%s", moved.state);
	snprintf(event->err.text, sizeof event->err.text, "%s", moved.reason);
	return 0;
}

void
init_client_init(struct init_client *client, int capability_fd)
{
	*client = (struct init_client){.capability_fd = capability_fd,
	    .init_fd = -1};
	client->capability = new_client(client, take_moved,
	    &client->capability_fd);
}

void
init_client_attached(struct init_client *client, int init_fd)
{
	rpc_client_free(client->init);
	client->init_fd = init_fd;
	client->init = new_client(client, take_exit, &client->init_fd);
}

void
init_client_fini(struct init_client *client)
{
	rpc_client_free(client->capability);
	rpc_client_free(client->init);
	*client = (struct init_client){.capability_fd = -1, .init_fd = -1};
}

static int
ask(struct init_client *client, struct rpc_client *rpc,
    const struct rpc_call *row, const void *request, rpc_client_done *done,
    uint32_t *ret_id)
{
	int r = -ENOTCONN;

	if (rpc != NULL)
		r = rpc_client_call(rpc, &(struct rpc_client_call){.row = row,
		    .request = request, .done = done, .arg = client}, ret_id,
		    NULL);
	return r == -EBUSY ? -EAGAIN : r;
}

static void
take_fds(struct init_event *event, struct rpc_message *message)
{
	event->n_fds = message->n_fds;
	for (size_t i = 0; i < message->n_fds; i++)
		event->fds[i] = take_fd(&message->fds[i]);
}

static void
take_attach(void *arg, const void *reply, struct rpc_message *message,
    const struct err *failure)
{
	struct init_client *client = arg;
	struct init_event *event = client->event;

	client->is_attaching = false;
	event->kind = INIT_ATTACH_FAILED;
	if (reply == NULL)
		event->err = *failure;
	else if (message->n_fds != 1)
		err_set(&event->err, EBADMSG, "no connection came");
	else {
		event->kind = INIT_ATTACHED;
		init_client_attached(client, take_fd(&message->fds[0]));
	}
}

int
init_client_attach(struct init_client *client, struct err *err)
{
	const struct rpc_sandbox_attach_req request = {.id = ""};
	int r;

	if (client->init_fd >= 0 || client->is_attaching)
		return 0;
	r = ask(client, client->capability, &rpc_call_sandbox_attach, &request,
	    take_attach, NULL);
	if (r < 0)
		return err_set(err, -r, "the sandbox is out of reach: %s",
		    strerror(-r));
	client->is_attaching = true;
	return 0;
}

static void
take_limits(void *arg, const void *reply, struct rpc_message *message,
    const struct err *failure)
{
	struct init_client *client = arg;
	struct init_event *event = client->event;
	const struct rpc_sandbox_get_rep *got = reply;
	struct rpc_sandbox_info info;

	(void)message;
	(void)failure;
	event->kind = INIT_LIMITS;
	event->id = rpc_client_current_id(client->capability);
	if (got == NULL || rpc_decode(&rpc_layout_sandbox_info,
	    got->sandbox.data, got->sandbox.size, &info, NULL) < 0)
		return;
	event->oom_kills = info.oom_kills;
	event->memory_limit_bytes = info.memory_limit_bytes;
}

int
init_client_ask_limits(struct init_client *client, uint32_t *ret_id)
{
	const struct rpc_sandbox_get_req request = {.id = ""};

	return ask(client, client->capability, &rpc_call_sandbox_get, &request,
	    take_limits, ret_id);
}

/* A process, or a terminal. */
static void
take_process(void *arg, const void *reply, struct rpc_message *message,
    const struct err *failure)
{
	struct init_client *client = arg;
	struct init_event *event = client->event;

	event->kind = INIT_SPAWN_FAILED;
	event->id = rpc_client_current_id(client->init);
	if (reply == NULL) {
		event->err = *failure;
		return;
	}
	if (message->n_fds != 1 && message->n_fds != 3) {
		err_set(&event->err, EBADMSG, "a process without descriptors");
		return;
	}
	event->kind = INIT_SPAWNED;
	event->handle = message->header.number == rpc_call_spawn.number ?
	    ((const struct rpc_spawn_rep *)reply)->handle :
	    ((const struct rpc_terminal_attach_rep *)reply)->handle;
	take_fds(event, message);
}

static void
take_resume(void *arg, const void *reply, struct rpc_message *message,
    const struct err *failure)
{
	struct init_client *client = arg;

	(void)message;
	client->is_resuming = false;
	if (reply != NULL)
		return;
	client->event->kind = INIT_ATTACH_FAILED;
	client->event->err = *failure;
}

int
init_client_resume(struct init_client *client, struct err *err)
{
	const struct rpc_sandbox_resume_req request = {.id = "",
	    .is_access = 1};
	int r;

	if (client->is_resuming)
		return 0;
	r = ask(client, client->capability, &rpc_call_sandbox_resume, &request,
	    take_resume, NULL);
	if (r < 0)
		return err_set(err, -r, "the sandbox is out of reach: %s",
		    strerror(-r));
	client->is_resuming = true;
	return 0;
}

int
init_client_tell_use(struct init_client *client, const char *kind,
    bool is_held)
{
	struct rpc_sandbox_used_event event = {.kind = kind,
	    .is_held = is_held};

	return rpc_send_request(client->capability_fd, &rpc_call_sandbox_used,
	    0, &event, NULL, 0, MSG_DONTWAIT);
}

void
init_client_ask_why(struct init_client *client)
{
	static const struct rpc_sandbox_why_event event;

	if (client->capability_fd >= 0)
		(void)rpc_send_request(client->capability_fd,
		    &rpc_call_sandbox_why, 0, &event, NULL, 0, MSG_DONTWAIT);
}

/* One that sandboxd has no room for just now is not kept. */
void
init_client_tell_exec(struct init_client *client, const char *what)
{
	const struct rpc_sandbox_befell_event event = {.id = "",
	    .kind = "exec", .detail = what};

	if (client->capability_fd >= 0)
		(void)rpc_send_request(client->capability_fd,
		    &rpc_call_sandbox_befell, 0, &event, NULL, 0,
		    MSG_DONTWAIT);
}

int
init_client_spawn(struct init_client *client,
    const struct rpc_spawn_req *request, uint32_t *ret_id)
{
	return ask(client, client->init, &rpc_call_spawn, request,
	    take_process, ret_id);
}

int
init_client_attach_terminal(struct init_client *client,
    const struct rpc_terminal_attach_req *request, uint32_t *ret_id)
{
	return ask(client, client->init, &rpc_call_terminal_attach, request,
	    take_process, ret_id);
}

int
init_client_resize_terminal(struct init_client *client,
    const struct rpc_terminal_resize_req *request)
{
	return ask(client, client->init, &rpc_call_terminal_resize, request,
	    NULL, NULL);
}

int
init_client_signal(struct init_client *client, uint32_t handle, int number)
{
	const struct rpc_signal_req request = {.handle = handle,
	    .signal = number};

	return ask(client, client->init, &rpc_call_signal, &request, NULL,
	    NULL);
}

static void
take_forward(void *arg, const void *reply, struct rpc_message *message,
    const struct err *failure)
{
	struct init_client *client = arg;
	struct init_event *event = client->event;
	const struct rpc_call *row;

	event->kind = INIT_FORWARDED;
	event->id = rpc_client_current_id(client->init);
	if (reply == NULL) {
		event->err = *failure;
		return;
	}
	row = rpc_find_init_call(message->header.number);
	if (message->n_fds < 1) {
		err_set(&event->err, EBADMSG, "%s: without a socket",
		    row->name);
		return;
	}
	if (row == &rpc_call_listen_tcp)
		event->port = ((const struct rpc_listen_tcp_rep *)reply)->port;
	else if (row == &rpc_call_agent_listen)
		snprintf(event->text, sizeof event->text, "%s",
		    ((const struct rpc_agent_listen_rep *)reply)->path);
	else if (row == &rpc_call_x11_listen)
		snprintf(event->text, sizeof event->text, "%s",
		    ((const struct rpc_x11_listen_rep *)reply)->display);
	take_fds(event, message);
}

int
init_client_forward(struct init_client *client, const struct rpc_call *call,
    const void *request, uint32_t *ret_id)
{
	return ask(client, client->init, call, request, take_forward, ret_id);
}

/* One message of rpc, whose answer or event fills *ret in. */
static void
receive(struct init_client *client, struct rpc_client *rpc,
    enum init_event_kind lost, int *fd, struct init_event *ret)
{
	int r;

	*ret = (struct init_event){.kind = INIT_NOTHING, .fds = {-1, -1, -1}};
	if (*fd < 0)
		return;
	client->event = ret;
	r = rpc_client_read_one(rpc);
	*fd = rpc_client_fd(rpc);
	if (r < 0 && r != -EAGAIN)
		ret->kind = lost;
	else if (r == 1 && ret->kind == INIT_NOTHING)
		ret->kind = INIT_IGNORED;
}

void
init_client_receive_capability(struct init_client *client,
    struct init_event *ret)
{
	receive(client, client->capability, INIT_CAPABILITY_LOST,
	    &client->capability_fd, ret);
}

void
init_client_receive_init(struct init_client *client, struct init_event *ret)
{
	receive(client, client->init, INIT_LOST, &client->init_fd, ret);
}
