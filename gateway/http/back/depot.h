// SPDX-License-Identifier: Apache-2.0
/*
 * gateway-depot, on the capability of an identity's organisation: asked of the
 * broker with the first call, and again once that has ended.
 */
#pragma once

#include "common/rpc_client.h"

struct depot_link;
struct identity;

/*
 * Asks; the request, and all that it points to, has to live until done is
 * called, once, maybe before this returns. EACCES where the identity may not,
 * EPIPE where gateway-depot is away.
 */
void depot_ask(struct identity *who, const struct rpc_call *call,
    const void *request, rpc_client_done *done, void *arg);

/* The identity's, at its end; NULL does nothing. */
void depot_link_free(struct depot_link *link);
