// SPDX-License-Identifier: Apache-2.0
/* Whether the client is still there, and needs the connection. */
#pragma once

#include "gateway/ssh/session.h"

/* Asks a client that has been silent, and ends the connection of one that does
 * not answer or has had no channel for too long; lowers *timeout_ms to when it
 * is to be looked at again. */
void liveness_turn(struct session *session, int *timeout_ms);
