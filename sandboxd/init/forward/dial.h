// SPDX-License-Identifier: Apache-2.0
/* Connections made from inside the sandbox on a peer's behalf. */
#pragma once

#include "sandboxd/init/peer.h"

#define DIAL_TIMEOUT_MS 20000 /* resolving and every address together */
#define DIAL_ADDRESS_MS 8000  /* one address, where there is another */

/*
 * Connects to host (a numeric address, a name of /etc/hosts or the DNS) and
 * sends the answer, which it takes over, with the connected socket (which is
 * non-blocking) or the error. May free the peer, as peer_answer may.
 */
void dial_start(struct peer *peer, const char *host, uint32_t port,
    struct answer *answer);

/* Ends every dial of a peer that goes away, unanswered. */
void dial_forget(struct peer *peer);

/*
 * Gives up on what took too long. Returns milliseconds until this must be
 * called again, -1 for never.
 */
int dial_expire(struct init *init);
