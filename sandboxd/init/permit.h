// SPDX-License-Identifier: Apache-2.0
/* What a peer's rights let it start, and as whom. */
#pragma once

#include "sandboxd/init/peer.h"
#include "sandboxd/init/process/user.h"

/* Users other than the default one ("") are a right of their own. 0, or -EACCES
 * or -ENOENT with words. */
int permit_user(const struct peer *peer, const char *name, struct err *err);

/* Whether the peer may run nothing: its SFTP servers are confined, then. */
bool permit_is_for_files(const struct peer *peer);

/* The kind of the spawn, its pty and its user. 0, or as permit_user;
 * -EAGAIN and -EOPNOTSUPP of an SFTP server that must be confined. */
int permit_spawn(const struct peer *peer, const struct rpc_spawn_req *request,
    struct err *err);

/* May run nothing here: its SFTP servers are confined. */
bool permit_is_for_files(const struct peer *peer);

/* A user who is permitted here. False: the answer says why not. */
bool permit_find_user(const struct peer *peer, const char *name,
    struct user *ret, struct answer *answer);
