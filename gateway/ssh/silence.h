// SPDX-License-Identifier: Apache-2.0
/* Clients that say nothing, and connections that nothing is done with. */
#pragma once

#include "gateway/ssh/session.h"

/*
 * Once a turn: asks a silent client for a sign of life, and ends the session
 * where none came or where no channel was open for too long. *timeout_ms is
 * lowered to when it is to be called again.
 */
void silence_check(struct session *s, int *timeout_ms);
