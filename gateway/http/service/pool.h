// SPDX-License-Identifier: Apache-2.0
/* What waits in the pool (docs/POOL.md); the operator's. */
#pragma once

#include "common/rpc_calls.h"

struct identity;

/* Each is called once, maybe before the function returns; err is NULL, or why
 * not. */
typedef void pool_done(void *arg, const struct err *err);

/* rows: a list of pool_row, which lives until this returns. */
typedef void pool_list_done(void *arg, struct rpc_bytes rows,
    const struct err *err);

void pool_list(struct identity *who, pool_list_done *done, void *arg);

/* The request is rpc.def's. */
void pool_set(struct identity *who, const struct rpc_pool_set_req *request,
    pool_done *done, void *arg);
