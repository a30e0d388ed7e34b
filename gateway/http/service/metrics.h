// SPDX-License-Identifier: Apache-2.0
/* What sandboxes use, and used (docs/METRICS.md). */
#pragma once

#include "common/rpc_calls.h"

struct identity;

/* A list of rpc_metric, to be read while the answer is there; err is NULL, or
 * why there is none. */
typedef void metrics_done(void *arg, struct rpc_bytes metrics,
    const struct err *err);
typedef void metrics_end_done(void *arg, const struct err *err);

/* Of one, as sandbox_metrics of metric.def; done is called once, maybe before
 * this returns. */
void metrics_of(struct identity *who,
    const struct rpc_sandbox_metrics_req *wish, metrics_done *done,
    void *arg);

/* The last of each that runs, in order of id: `each` is called for every one
 * before done, with the same arg; it returns 0, or -errno to end it all. */
void metrics_list(struct identity *who,
    int (*each)(void *arg, const struct rpc_metric *metric),
    metrics_end_done *done, void *arg);

/* Share of what it may have of the CPUs, in thousandths of a percent. */
uint32_t metrics_cpu_percent_millis(const struct rpc_metric *metric);
