// SPDX-License-Identifier: Apache-2.0
/* The calls about snapshots. */
#pragma once

#include "sandboxd/door/peer.h"
#include "sandboxd/lifecycle/snapshots.h"

/* The snapshot of this id or name, or NULL where there is none that the caller
 * sees. */
struct snapshot *snapshots_seen(const struct peer *peer, const char *which,
    struct err *err);

/* The same, as what the disk of a sandbox may become: -EINVAL where it does not
 * fit. */
int snapshot_for(const struct peer *peer, const struct sandbox *sandbox,
    const char *which, struct sandbox_source *ret, struct err *err);

/* 0, or an error to answer with; then, or when it is done, it is answered. */
int snapshot_created_later(struct peer *peer, uint32_t request_id,
    const struct sandbox *sandbox,
    const struct rpc_snapshot_create_req *request, struct err *err);
int snapshot_removed_later(struct peer *peer, uint32_t request_id,
    struct snapshot *snapshot, struct err *err);
int snapshots_remove_all(struct peer *peer, uint32_t request_id);
int snapshots_page(struct peer *peer, uint32_t request_id,
    const struct rpc_snapshot_list_req *request, struct err *err);
