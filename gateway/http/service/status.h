// SPDX-License-Identifier: Apache-2.0
/* Facts about the service. */
#pragma once

#include "common/err.h"

struct identity;
struct rpc_gateway_status_rep;
struct rpc_host_resources_rep;
struct rpc_host_status_rep;

/* Called once, maybe before status_get returns: sandboxd and resources, which
 * is of its own copy, are NULL where it does not answer; err is NULL, or why
 * not even the gateway's are there. */
typedef void status_done(void *arg,
    const struct rpc_gateway_status_rep *gateway,
    const struct rpc_host_status_rep *sandboxd,
    const struct rpc_host_resources_rep *resources, const struct err *err);

void status_get(struct identity *who, status_done *done, void *arg);
