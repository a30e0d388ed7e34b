// SPDX-License-Identifier: Apache-2.0
/*
 * The loop of one connection: waits for the client's socket, the capability,
 * init, the broker, and the descriptors of every channel and forward.
 */
#pragma once

#include <libssh/libssh.h>
#include <libssh/server.h>

#include "gateway/protocol/handover.h"
#include "gateway/settings/ssh_conf.h"

/*
 * Runs the connection to its end and exits. `bind` is the zygote's; client_fd
 * and claim_fd are the connection's now.
 */
void loop_run(ssh_bind bind, const struct ssh_conf *options,
    const struct handover_session *peer, int client_fd, int claim_fd)
    __attribute__((noreturn));
