// SPDX-License-Identifier: Apache-2.0
/*
 * A claim of an SSH session, while it is decided. Whatever is wrong (user name,
 * sandbox, key, token, its expiry, or whose sandbox it is), the same work is
 * done, and the same words are said at the same time after the request.
 */
#pragma once

#include "common/rpc.h"

struct connection;

/*
 * Begin to decide auth_publickey and auth_secret; the connection listens again
 * once the claim is answered. 0, or -errno where the session is to be dropped.
 */
int claim_publickey(struct connection *connection,
    const struct rpc_message *message);
int claim_secret(struct connection *connection,
    const struct rpc_message *message);

/* Ends the claim being decided, if there is one, without an answer. */
void claim_abandon(struct connection *connection);
