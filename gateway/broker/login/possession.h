// SPDX-License-Identifier: Apache-2.0
/* The broker's own check of what a client signed. */
#pragma once

#include <stdbool.h>

#include "gateway/broker/connection.h"
#include "gateway/protocol/broker_calls.h"
#include "keys/certificate.h"

/*
 * Whether the client holds the key, which certificate (NULL = none) is of, and
 * signed for this user, just now. Asked only of keys somebody has registered,
 * or certified: to others the answer is no anyway. Why not is logged.
 */
bool possession_is_proved(const struct connection *connection,
    const struct rpc_auth_publickey_req *request,
    const struct certificate *certificate);
