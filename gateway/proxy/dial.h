// SPDX-License-Identifier: Apache-2.0
/* Connections to a grant's port (grant_dial of grant.h), by the sandbox's init;
 * and what becomes of those that wait for it. */
#pragma once

#include "gateway/proxy/grant.h"

/* The connection to init, where there is one, is no good any more; who waits
 * for it tries once again. */
void dial_lose_init(struct grant *grant);

/*
 * Closes what came from a sandbox, if it is open. Who speaks for that may have
 * kept the socket, and have said since that closing is to wait (SO_LINGER of
 * socket(7)): that is taken back first.
 */
void dial_close(int *fd);

/* All who wait are answered so. */
void dial_end_all(struct grant *grant, int code, const char *words);
