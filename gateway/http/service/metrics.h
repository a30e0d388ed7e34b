// SPDX-License-Identifier: Apache-2.0
/* What sandboxes use, and used (docs/METRICS.md). */
#pragma once

#include "common/rpc_calls.h"

struct identity;

/* Called for every one that is told, which lives until it returns; 0, or -errno
 * to end it all. */
typedef int metrics_each(void *arg, const struct rpc_metric *metric);

/* Called once, maybe before the function returns, after all of each, with the
 * same arg; err is NULL, or why there are no more. */
typedef void metrics_done(void *arg, const struct err *err);

/* Of one, as sandbox_metrics of metric.def. */
void metrics_of(struct identity *who,
    const struct rpc_sandbox_metrics_req *wish, metrics_each *each,
    metrics_done *done, void *arg);

/* The last of each that runs, in order of id. */
void metrics_list(struct identity *who, metrics_each *each,
    metrics_done *done, void *arg);

/* Share of what it may have of the CPUs, in thousandths of a percent. */
uint32_t metrics_cpu_percent_millis(const struct rpc_metric *metric);
