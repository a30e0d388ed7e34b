// SPDX-License-Identifier: Apache-2.0
/* Names that gateway-resolver says it has not asked for, into the logs of their
 * sandboxes (docs/EGRESS.md, What was refused). */
#pragma once

#include "sandboxd/daemon.h"

/* Takes such an event. What is not so, or is more than NAMES_UNRESOLVED_MAX in
 * NAMES_UNRESOLVED_PERIOD_MS, is thrown away. -EBADMSG: it is none. */
int names_unresolved(struct daemon *daemon, const struct rpc_message *message);
