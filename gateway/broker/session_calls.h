// SPDX-License-Identifier: Apache-2.0
/* Answers SSH sessions: who may ask what, and when. */
#pragma once

#include "common/rpc.h"

struct connection;

/*
 * Takes one message of a session: answers it now or later. 0, or -errno where
 * the session is to be dropped.
 */
int broker_session_serve(struct connection *connection,
    const struct rpc_message *message);
