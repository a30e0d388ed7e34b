// SPDX-License-Identifier: Apache-2.0
/*
 * Authentication: what libssh has verified becomes a claim to the broker,
 * which decides (gateway/protocol/broker.def). Every refusal looks the same to
 * the client; the broker answers at a fixed time.
 */
#pragma once

#include "gateway/ssh/session.h"

/* Installs the server callbacks; before the key exchange. */
void auth_start(struct session *session);

/*
 * Answers keyboard-interactive and what no method claims. Returns 0 when the
 * message was answered, 1 when libssh is to refuse it.
 */
int auth_message(struct session *session, ssh_message message);

/* Refuses an authentication request that libssh dropped; counts it. */
void auth_refuse_dropped(void *session);
