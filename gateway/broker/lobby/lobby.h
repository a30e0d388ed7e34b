// SPDX-License-Identifier: Apache-2.0
/*
 * The broker's part of the control lobby (`ssh ctl@host`): gateway-lobby runs
 * what its users say, as itself nobody; the broker gives each login a token for
 * the API that lives as long as that and is stored nowhere, and each command
 * what it needs (command.h).
 */
#pragma once

#include <stdbool.h>

#include "common/rpc.h"
#include "gateway/broker/api/identity.h"
#include "gateway/broker/connection.h"
#include "keys/verify.h"

struct lobby;

/* Makes the connection one of the lobby, for `who`. 0 or -ENOMEM. */
int broker_lobby_open(struct connection *connection,
    const struct identity *who);

/* Forgets the token, and what its commands may still want. */
void broker_lobby_close(struct connection *connection);

/* Answers lobby_run; or -errno, which is its answer. */
int broker_lobby_run(struct connection *connection, uint32_t id,
    const void *request, struct err *err);

/* Whether text is the token of a login that is there, and whose. */
bool broker_lobby_find_token(const struct broker *broker, const char *text,
    struct api_identity *ret);

/* Whether the login with this api_identity.lobby is still there. */
bool broker_lobby_has(const struct broker *broker, uint64_t number);
