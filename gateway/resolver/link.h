// SPDX-License-Identifier: Apache-2.0
/*
 * The connection to sandboxd (common/names.def), which comes to us and comes
 * again when it was gone. Without it nothing is asked of anybody.
 */
#pragma once

#include "common/rpc_client.h"
#include "gateway/resolver/resolver.h"

/* Takes whoever connects to the listening socket; that is root alone. The
 * resolver outlives it. 0 or -errno. */
int link_open(struct resolver *resolver, int listen_fd, struct err *err);
void link_close(struct link *link);

/* Asks sandboxd; `done` follows once, unless it is forgotten by its arg. */
int link_ask(struct link *link, const struct rpc_call *row,
    const void *request, rpc_client_done *done, void *arg, struct err *err);
/* Tells it, unless too much waits. */
void link_tell(struct link *link, const struct rpc_call *row,
    const void *event);
void link_forget(struct link *link, const void *arg);
