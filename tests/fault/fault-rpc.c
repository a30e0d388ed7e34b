// SPDX-License-Identifier: Apache-2.0
/* A call and its answer, with descriptors, in frames small and large. */
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "common/rpc_calls.h"
#include "tests/fault/fault.h"

static char large[60000];

/* What `server_fd` is asked is answered, with a descriptor. */
static void
answer(int server_fd)
{
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_spawn_req request;
	const struct rpc_spawn_rep reply = {.handle = 3};
	struct err err = {0};
	int r = rpc_receive(server_fd, &message, MSG_DONTWAIT);

	if (r == 1 && rpc_open_request(&rpc_call_spawn, &message,
	    &request) == 0 && strcmp(request.command, large) == 0)
		(void)rpc_send_reply(server_fd, &rpc_call_spawn,
		    message.header.id, &reply, &server_fd, 1, MSG_DONTWAIT);
	else if (r == 1)
		assert(rpc_send_error(server_fd, rpc_call_spawn.number,
		    message.header.id, err_set(&err, EIO, "x") < 0 ? &err :
		    NULL, MSG_DONTWAIT) == 0 || fault_happened());
	assert(r == 1 || fault_happened());
}

static void
exchange(void)
{
	auto_rpc_message struct rpc_message message = {0};
	auto_close int client_fd = -1, server_fd = -1;
	struct rpc_spawn_req request = {.user = "", .command = large,
	    .cwd = "", .term = ""};
	struct rpc_spawn_rep reply = {0};
	struct err err = {0};
	int fds[2], r;

	if (fd_seqpacket_pair(fds) < 0) {
		assert(fault_happened());
		return;
	}
	client_fd = fds[0];
	server_fd = fds[1];
	if (rpc_send_request(client_fd, &rpc_call_spawn, 7, &request, NULL, 0,
	    MSG_DONTWAIT) < 0) {
		assert(fault_happened());
		return;
	}
	answer(server_fd);
	r = rpc_receive(client_fd, &message, MSG_DONTWAIT);
	if (r == 1)
		r = rpc_open_reply(&rpc_call_spawn, &message, &reply, &err);
	assert(r == 0 || fault_happened());
	assert(r != 0 || (reply.handle == 3 && message.n_fds == 1));
}

/* One whole call, of which the answer never comes: the server hangs up. */
static void
hang_up(void)
{
	auto_rpc_message struct rpc_message message = {0};
	auto_close int client_fd = -1, server_fd = -1;
	struct rpc_spawn_req request = {.user = "", .command = "true",
	    .cwd = "", .term = ""};
	struct rpc_spawn_rep reply = {0};
	struct err err = {0};
	int fds[2];

	if (fd_seqpacket_pair(fds) < 0) {
		assert(fault_happened());
		return;
	}
	client_fd = fds[0];
	server_fd = fds[1];
	/* It still takes the question. */
	if (shutdown(server_fd, SHUT_WR) < 0)
		return;
	assert(rpc_call(client_fd, &rpc_call_spawn, &request, NULL, 0, &reply,
	    &message, &err) < 0);
	assert(err.code > 0 && err.text[0] != '\0');
}

int
main(void)
{
	memset(large, 'x', sizeof large - 1);
	fault_run("exchange", exchange);
	fault_run("hang up", hang_up);
	return 0;
}
