// SPDX-License-Identifier: Apache-2.0
/* What gateway-resolver refused, into the sandbox's log. */
#pragma once

#include "sandboxd/daemon.h"

struct rpc_message;

/* Takes a names_refused; beyond 64 a minute they are not told. 0, or -errno: it
 * is none. */
int names_refused(struct daemon *daemon, const struct rpc_message *message);
