// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/init_client.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

void
init_client_init(struct init_client *client, int capability_fd)
{
	*client = (struct init_client){.capability_fd = capability_fd,
	    .init_fd = -1};
}

static uint32_t
next_id(struct init_client *client)
{
	if (++client->last_id == 0)
		client->last_id = 1;
	return client->last_id;
}

static int
send_request(struct init_client *client, int fd, const struct rpc_call *call,
    const void *request, uint32_t *ret_id)
{
	uint32_t id = next_id(client);
	int r;

	if (fd < 0)
		return -ENOTCONN;
	r = rpc_send_request(fd, call, id, request, NULL, 0, MSG_DONTWAIT);
	if (r == 0)
		*ret_id = id;
	return r;
}

int
init_client_attach(struct init_client *client, struct err *err)
{
	struct rpc_sandbox_attach_req request = {.id = ""};
	int r;

	if (client->init_fd >= 0 || client->attach_id != 0)
		return 0;
	r = send_request(client, client->capability_fd,
	    &rpc_call_sandbox_attach, &request, &client->attach_id);
	if (r < 0)
		return err_set(err, -r, "the sandbox is out of reach: %s",
		    strerror(-r));
	return 0;
}

int
init_client_resume(struct init_client *client, struct err *err)
{
	struct rpc_sandbox_resume_req request = {.id = "", .is_access = 1};
	int r;

	if (client->resume_id != 0)
		return 0;
	r = send_request(client, client->capability_fd,
	    &rpc_call_sandbox_resume, &request, &client->resume_id);
	if (r < 0)
		return err_set(err, -r, "the sandbox is out of reach: %s",
		    strerror(-r));
	return 0;
}

int
init_client_spawn(struct init_client *client,
    const struct rpc_spawn_req *request, uint32_t *ret_id)
{
	return send_request(client, client->init_fd, &rpc_call_spawn, request,
	    ret_id);
}

int
init_client_attach_terminal(struct init_client *client,
    const struct rpc_terminal_attach_req *request, uint32_t *ret_id)
{
	return send_request(client, client->init_fd,
	    &rpc_call_terminal_attach, request, ret_id);
}

int
init_client_resize_terminal(struct init_client *client,
    const struct rpc_terminal_resize_req *request)
{
	uint32_t id;

	return send_request(client, client->init_fd,
	    &rpc_call_terminal_resize, request, &id);
}

int
init_client_ask_limits(struct init_client *client, uint32_t *ret_id)
{
	struct rpc_sandbox_get_req request = {.id = ""};

	return send_request(client, client->capability_fd,
	    &rpc_call_sandbox_get, &request, ret_id);
}

int
init_client_signal(struct init_client *client, uint32_t handle, int number)
{
	struct rpc_signal_req request = {.handle = handle, .signal = number};
	uint32_t id;

	return send_request(client, client->init_fd, &rpc_call_signal,
	    &request, &id);
}

int
init_client_forward(struct init_client *client, const struct rpc_call *call,
    const void *request, uint32_t *ret_id)
{
	return send_request(client, client->init_fd, call, request, ret_id);
}

/* One message of *fd into *ret_message; false: *ret is what there is to say. */
static bool
receive(int *fd, enum init_event_kind lost, struct rpc_message *ret_message,
    struct init_event *ret)
{
	int r;

	memset(ret, 0, sizeof *ret);
	ret->fds[0] = ret->fds[1] = ret->fds[2] = -1;
	ret->kind = INIT_NOTHING;
	if (*fd < 0)
		return false;
	r = rpc_receive(*fd, ret_message, MSG_DONTWAIT);
	if (r == 1)
		return true;
	if (r != -EAGAIN) {
		fd_close(fd);
		ret->kind = lost;
	}
	return false;
}

static void
open_attach(struct init_client *client, struct rpc_message *message,
    struct init_event *ret)
{
	struct rpc_sandbox_attach_rep reply;

	client->attach_id = 0;
	ret->kind = INIT_ATTACH_FAILED;
	if (rpc_open_reply(&rpc_call_sandbox_attach, message, &reply,
	    &ret->err) < 0)
		return;
	if (message->n_fds != 1) {
		err_set(&ret->err, EBADMSG, "no connection came");
		return;
	}
	client->init_fd = take_fd(&message->fds[0]);
	ret->kind = INIT_ATTACHED;
}

static void
open_resume(struct init_client *client, const struct rpc_message *message,
    struct init_event *ret)
{
	struct rpc_sandbox_get_rep reply;

	client->resume_id = 0;
	if (rpc_open_reply(&rpc_call_sandbox_resume, message, &reply,
	    &ret->err) < 0)
		ret->kind = INIT_ATTACH_FAILED;
}

/* Between the two ends of a pause nothing is sent to init. */
static void
open_moved(struct init_client *client, const struct rpc_message *message,
    struct init_event *ret)
{
	struct rpc_sandbox_moved_event moved;

	if (message->header.number != rpc_call_sandbox_moved.number ||
	    rpc_open_request(&rpc_call_sandbox_moved, message, &moved) < 0)
		return;
	ret->kind = INIT_MOVED;
	client->is_paused = strcmp(moved.state, "pausing") == 0 ||
	    strcmp(moved.state, "paused") == 0 ||
	    strcmp(moved.state, "resuming") == 0;
	snprintf(ret->text, sizeof ret->text, "%s", moved.state);
	snprintf(ret->err.text, sizeof ret->err.text, "%s", moved.reason);
}

static void
open_limits(const struct rpc_message *message, struct init_event *ret)
{
	struct rpc_sandbox_get_rep reply;
	struct rpc_sandbox_info info;

	ret->kind = INIT_LIMITS;
	if (rpc_open_reply(&rpc_call_sandbox_get, message, &reply,
	    &ret->err) < 0 ||
	    rpc_decode(&rpc_layout_sandbox_info, reply.sandbox.data,
	    reply.sandbox.size, &info, NULL) < 0)
		return;
	ret->oom_kills = info.oom_kills;
	ret->memory_limit_bytes = info.memory_limit_bytes;
}

void
init_client_receive_capability(struct init_client *client,
    struct init_event *ret)
{
	auto_rpc_message struct rpc_message message = {0};

	if (!receive(&client->capability_fd, INIT_CAPABILITY_LOST, &message,
	    ret)) {
		if (ret->kind == INIT_CAPABILITY_LOST)
			client->attach_id = client->resume_id = 0;
		return;
	}
	ret->kind = INIT_IGNORED;
	ret->id = message.header.id;
	if (message.header.kind == RPC_KIND_EVENT)
		open_moved(client, &message, ret);
	if (message.header.kind != RPC_KIND_REPLY)
		return;
	if (ret->id == client->attach_id && ret->id != 0)
		open_attach(client, &message, ret);
	else if (ret->id == client->resume_id && ret->id != 0)
		open_resume(client, &message, ret);
	else if (message.header.number == rpc_call_sandbox_get.number)
		open_limits(&message, ret);
}

static int
open_handle(const struct rpc_message *message, struct init_event *ret)
{
	struct rpc_terminal_attach_rep terminal;
	struct rpc_spawn_rep process;
	int r;

	if (message->header.number == rpc_call_spawn.number) {
		r = rpc_open_reply(&rpc_call_spawn, message, &process,
		    &ret->err);
		ret->handle = process.handle;
	} else {
		r = rpc_open_reply(&rpc_call_terminal_attach, message,
		    &terminal, &ret->err);
		ret->handle = terminal.handle;
	}
	return r;
}

static void
open_spawn(struct rpc_message *message, struct init_event *ret)
{
	ret->kind = INIT_SPAWN_FAILED;
	if (open_handle(message, ret) < 0)
		return;
	if (message->n_fds != 1 && message->n_fds != 3) {
		err_set(&ret->err, EBADMSG, "a process without descriptors");
		return;
	}
	ret->kind = INIT_SPAWNED;
	ret->n_fds = message->n_fds;
	for (size_t i = 0; i < message->n_fds; i++)
		ret->fds[i] = take_fd(&message->fds[i]);
}

static bool
is_forward(uint16_t number)
{
	return number == rpc_call_dial_tcp.number ||
	    number == rpc_call_dial_unix.number ||
	    number == rpc_call_listen_tcp.number ||
	    number == rpc_call_listen_unix.number ||
	    number == rpc_call_agent_listen.number ||
	    number == rpc_call_x11_listen.number;
}

static void
open_forward(struct rpc_message *message, struct init_event *ret)
{
	const struct rpc_call *call =
	    rpc_find_init_call(message->header.number);
	union {
		struct rpc_dial_tcp_rep dial_tcp;
		struct rpc_dial_unix_rep dial_unix;
		struct rpc_listen_tcp_rep listen_tcp;
		struct rpc_listen_unix_rep listen_unix;
		struct rpc_agent_listen_rep agent_listen;
		struct rpc_x11_listen_rep x11_listen;
	} reply;

	ret->kind = INIT_FORWARDED;
	if (rpc_open_reply(call, message, &reply, &ret->err) < 0)
		return;
	if (message->n_fds < 1 || message->n_fds > call->reply_fds_max) {
		err_set(&ret->err, EBADMSG, "%s: without a socket",
		    call->name);
		return;
	}
	if (call == &rpc_call_listen_tcp)
		ret->port = reply.listen_tcp.port;
	else if (call == &rpc_call_agent_listen)
		snprintf(ret->text, sizeof ret->text, "%s",
		    reply.agent_listen.path);
	else if (call == &rpc_call_x11_listen)
		snprintf(ret->text, sizeof ret->text, "%s",
		    reply.x11_listen.display);
	ret->n_fds = message->n_fds;
	for (size_t i = 0; i < message->n_fds; i++)
		ret->fds[i] = take_fd(&message->fds[i]);
}

void
init_client_receive_init(struct init_client *client, struct init_event *ret)
{
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_exited_event exited;

	if (!receive(&client->init_fd, INIT_LOST, &message, ret))
		return;
	ret->kind = INIT_IGNORED;
	ret->id = message.header.id;
	if (message.header.kind == RPC_KIND_REPLY) {
		if (message.header.number == rpc_call_spawn.number ||
		    message.header.number == rpc_call_terminal_attach.number)
			open_spawn(&message, ret);
		else if (is_forward(message.header.number))
			open_forward(&message, ret);
		return;
	}
	if (message.header.number == rpc_call_oom.number) {
		ret->kind = INIT_OOM;
		return;
	}
	if (message.header.number != rpc_call_exited.number ||
	    rpc_open_request(&rpc_call_exited, &message, &exited) < 0) {
		fd_close(&client->init_fd);
		ret->kind = INIT_LOST;
		return;
	}
	ret->kind = INIT_EXITED;
	ret->handle = exited.handle;
	ret->wait_status = exited.wait_status;
}
