// SPDX-License-Identifier: Apache-2.0
/* SSH itself: where it is served, and who is let in. */
#pragma once

#include "common/err.h"

struct identity;
struct rpc_gateway_status_rep;
struct rpc_ssh_access_rep;
struct rpc_ssh_access_req;

/* Each done is called once, maybe before the function returns; err is NULL, or
 * why not. */
typedef void ssh_access_done(void *arg,
    const struct rpc_ssh_access_rep *access, const struct err *err);
typedef void ssh_status_done(void *arg,
    const struct rpc_gateway_status_rep *gateway, const struct err *err);

/* Lets a key into one sandbox for a time, or makes a token that does; identity
 * of the wish is filled in. */
void ssh_grant(struct identity *who, struct rpc_ssh_access_req *wish,
    ssh_access_done *done, void *arg);

/* The gateway's address and host keys among its facts. */
void ssh_find(struct identity *who, ssh_status_done *done, void *arg);
