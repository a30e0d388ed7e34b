// SPDX-License-Identifier: Apache-2.0
/*
 * The inside of SSH's forwards but for dialling TCP: Unix sockets, listeners,
 * the agent's socket, X11. Each answers one call of init.def; the user has been
 * permitted and looked up by the caller. All take the answer over and may free
 * the peer, as peer_answer may.
 */
#pragma once

#include "sandboxd/init/peer.h"
#include "sandboxd/init/process/user.h"

void forward_dial_unix(struct peer *peer,
    const struct rpc_dial_unix_req *request, const struct user *user,
    struct answer *answer);
void forward_listen_tcp(struct peer *peer,
    const struct rpc_listen_tcp_req *request, struct answer *answer);
void forward_listen_unix(struct peer *peer,
    const struct rpc_listen_unix_req *request, const struct user *user,
    struct answer *answer);
void forward_agent(struct peer *peer, const struct user *user,
    struct answer *answer);
void forward_x11(struct peer *peer, const struct rpc_x11_listen_req *request,
    const struct user *user, struct answer *answer);
