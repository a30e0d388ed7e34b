// SPDX-License-Identifier: Apache-2.0
/* Snapshots of the caller's organisation. */
#pragma once

#include "common/rpc_calls.h"

struct identity;

/* Each is called once, maybe before the function returns; what it is given
 * lives until it returns. err is NULL, or why not. */
typedef void snapshots_one_done(void *arg,
    const struct rpc_snapshot_info *snapshot, const struct err *err);
typedef void snapshots_done(void *arg, const struct err *err);

/* Empty values of a wish are as rpc.def has them. */
void snapshots_create(struct identity *who,
    const struct rpc_snapshot_create_req *wish, snapshots_one_done *done,
    void *arg);

/* By its id or its name; -ENOENT. */
void snapshots_get(struct identity *who, const char *which,
    snapshots_one_done *done, void *arg);
void snapshots_remove(struct identity *who, const char *which,
    snapshots_done *done, void *arg);

/*
 * All of them, or those of one sandbox ("" = all), in order of id: `each` is
 * called for every one before done, with the same arg; it returns 0, or -errno
 * to end it all. sandbox must live until then.
 */
void snapshots_list(struct identity *who, const char *sandbox,
    int (*each)(void *arg, const struct rpc_snapshot_info *snapshot),
    snapshots_done *done, void *arg);
