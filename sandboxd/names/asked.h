// SPDX-License-Identifier: Apache-2.0
/* What gateway-resolver may ask of root, and nothing more: fixed frames. */
#pragma once

#include "sandboxd/daemon.h"

/* Serves one message of the resolver's on its connection. -errno: it is not one
 * that it may send, and goes. */
int names_asked(struct daemon *daemon, int fd,
    const struct rpc_message *message);
