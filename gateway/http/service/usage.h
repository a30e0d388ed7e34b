// SPDX-License-Identifier: Apache-2.0
/* Times that the caller's sandboxes ran, of those that are over (rpc.def). */
#pragma once

#include "common/rpc_calls.h"

struct identity;

/* Called for every one, which lives until it returns; 0, or -errno to end it
 * all. */
typedef int usage_each(void *arg, const struct rpc_usage_info *window);

/* Once, maybe before usage_list returns, after all of each; err is NULL, or why
 * there are no more. */
typedef void usage_done(void *arg, const struct err *err);

/* Up to `limit` of those behind one, in their order. */
void usage_list(struct identity *who, uint64_t after_id, uint64_t limit,
    usage_each *each, usage_done *done, void *arg);
