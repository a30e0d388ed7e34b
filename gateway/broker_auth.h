// SPDX-License-Identifier: Apache-2.0
/*
 * Decides the claims of SSH sessions. Whatever is wrong (user name, sandbox,
 * key, token, its expiry, or whose sandbox it is), the same work is done, and
 * the same words are said at the same time after the request.
 */
#pragma once

#include "common/rpc.h"

struct connection;

/*
 * Takes one message of a session: answers it now or later. 0, or -errno where
 * the session is to be dropped.
 */
int broker_auth_claim(struct connection *connection,
    struct rpc_message *message);

/* Ends the claim being decided, if there is one, without an answer. */
void broker_auth_abandon(struct connection *connection);
