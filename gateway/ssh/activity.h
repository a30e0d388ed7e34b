// SPDX-License-Identifier: Apache-2.0
/* Tells sandboxd that the sandbox is being used; docs/API.md has the table. */
#pragma once

#include "gateway/ssh/session.h"

/* Once a turn: tells of bytes, at most once a second, and of commands, copies
 * and forwards while they are open; lowers *timeout_ms to when it has to. */
void activity_turn(struct session *session, int *timeout_ms);
