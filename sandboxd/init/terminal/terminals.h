// SPDX-License-Identifier: Apache-2.0
/*
 * init's side of terminals that stay: which there are, their shells, and the
 * sandbox-terminal process of each (terminal/order.h), which alone reads what
 * programs write.
 */
#pragma once

#include "sandboxd/init/peer.h"

#define TERMINALS_MAX 32

/*
 * Attaches the peer, to a new terminal where there is none of that name and
 * user (already permitted); fills the answer. 0, or -errno in answer->err:
 * EINVAL a name that is none, EAGAIN too many, or as spawn_process.
 */
int terminals_attach(struct peer *peer,
    const struct rpc_terminal_attach_req *request, struct answer *answer);

/* Passes an emulator's new size on. 0 or -errno; ESRCH: no such handle. */
int terminals_resize(struct peer *peer,
    const struct rpc_terminal_resize_req *request, struct err *err);

/* A child was reaped: where it was a terminal's shell, the name is free. */
void terminals_shell_ended(struct init *init, pid_t pid);
