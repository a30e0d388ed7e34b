// SPDX-License-Identifier: Apache-2.0
/*
 * The broker's part of one command of the control lobby: its pipes, the order
 * to gateway-lobby to run it, and connections to the API when it asks for one.
 * An order that the zygote has no room for yet, or that finds it restarted,
 * waits; so a burst of commands is slow at worst, never refused.
 */
#pragma once

#include <stdint.h>
#include <sys/queue.h>

#include "common/err.h"
#include "gateway/broker/broker.h"
#include "gateway/protocol/broker_calls.h"

/* Commands at once, of one login and of all. */
#define LOBBY_COMMANDS_MAX     10
#define LOBBY_ALL_COMMANDS_MAX 64

/* The session's ends of a command's pipes, in the order of lobby_run. */
enum lobby_pipe {
	LOBBY_INPUT,
	LOBBY_OUTPUT,
	LOBBY_ERROR,
	LOBBY_STATUS,
	N_LOBBY_PIPES
};

struct lobby_command;

/* Those of one login; zero-initialised. */
struct lobby_commands {
	LIST_HEAD(, lobby_command) list;
	uint32_t n;
};

/*
 * Orders one that shows `token` (NUL-terminated, less than HANDOVER_TOKEN_SIZE)
 * to the API, and adds it to `commands`, where it stays until it ends. The
 * caller owns the pipes in ret_pipes, which are -1 on error. 0 or -errno:
 * -EAGAIN where too many run already.
 */
int lobby_command_start(struct broker *broker, struct lobby_commands *commands,
    const char *token, const struct rpc_lobby_run_req *request,
    int ret_pipes[N_LOBBY_PIPES], struct err *err);

/* Forgets all of a login: those that wait never run. */
void lobby_commands_end(struct lobby_commands *commands);

/* Takes over *fd: orders to gateway-lobby, in place of the last. 0, -errno. */
int lobby_command_set_zygote(struct broker *broker, int *fd);
void lobby_command_drop_zygote(struct broker *broker);
