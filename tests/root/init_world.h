// SPDX-License-Identifier: Apache-2.0
/*
 * For tests of sandbox-init: it runs as PID 1 of new namespaces, on an overlay
 * of this machine's root that nothing is written through, with a user
 * "sandbox"; the test is inside too, and makes the calls of init.def.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "common/rpc_calls.h"

#define INIT_RIGHTS (RPC_RIGHTS_SSH | RPC_RIGHT_CONTROL)

/* What a spawn's process wrote, and how it ended. */
struct init_result {
	char out[65536], error[4096];
	int wait_status;
};

/* Enters the world and starts the program as its PID 1, whose pid is returned;
 * -1 without the privilege for it. */
pid_t init_world_enter(const char *program);

/* Ends PID 1, says "ok", and exits. */
void init_world_leave(pid_t pid) __attribute__((noreturn));

/* A connection to init with these rights; 0 = one that says no hello. */
int init_connect(uint32_t rights);

/* Waits until init has hung up, and closes; false where it says something. */
bool init_dropped(int fd);

/* Reads all of fd into text, terminated, and closes it. */
void init_drain(int fd, char *text, size_t size);

/* The next message must be the exit of this handle; its wait status. */
int init_wait_exited(int sock, uint32_t handle);

/* One spawn: 0 and its descriptors, or -errno. */
int init_start(int sock, const struct rpc_spawn_req *request,
    uint32_t *ret_handle, int fds[3], struct err *err);

/* One spawn from beginning to end, without input. */
struct init_result init_run_request(int sock,
    const struct rpc_spawn_req *request);
struct init_result init_run(int sock, const char *user, const char *command);
