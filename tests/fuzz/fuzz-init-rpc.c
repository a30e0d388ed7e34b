// SPDX-License-Identifier: Apache-2.0
/*
 * Frames of a peer to init. The peer holds no right, so that of what is
 * decoded only hello and ping are acted on; every other request's fields are
 * decoded here, as its handler would see them.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>

#include "common/rpc_calls.h"
#include "sandboxd/init/init.h"
#include "sandboxd/init/peer.h"
#include "sandboxd/init/process/environment.h"
#include "sandboxd/init/process/spawn.h"
#include "sandboxd/init/process/ttymodes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
use_spawn(const struct rpc_spawn_req *request)
{
	auto_environment struct environment env = {0};
	struct termios tio = {0};
	const char *rest;

	(void)environment_add(&env, request->env);
	(void)environment_add_text(&env, request->command);
	(void)spawn_is_scp(request->command, &rest);
	(void)ttymodes_apply(request->modes.data, request->modes.size, &tio);
}

static void
decode(const uint8_t *data, size_t size)
{
	struct rpc_spawn_req request;

	if (size > sizeof(struct rpc_header) &&
	    rpc_decode(&rpc_layout_spawn_req, data + sizeof(struct rpc_header),
	    size - sizeof(struct rpc_header), &request, NULL) == 0)
		use_spawn(&request);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct init init;
	int fds[2];

	decode(data, size);
	if (init.loop.epoll_fd == 0 && loop_init(&init.loop) < 0)
		abort();
	if (size == 0 || size > RPC_FRAME_MAX || fd_seqpacket_pair(fds) < 0)
		return 0;
	if (fd_set_nonblocking(fds[0]) < 0 ||
	    send(fds[1], data, size, MSG_DONTWAIT) < 0)
		abort();
	peer_accept(&init, fds[0]);
	loop_wait(&init.loop, 0);
	close(fds[1]);
	while (init.peers != NULL)
		peer_drop(init.peers);
	return 0;
}
