// SPDX-License-Identifier: Apache-2.0
/*
 * The calls that are answered when a sandbox has come so far: the peer is kept
 * in memory until then, and told what came of it. 0, or an error to answer
 * with at once.
 */
#pragma once

#include "sandboxd/door/peer.h"

/* Both take over the record's blobs on success. */
int resized_later(struct peer *peer, uint32_t request_id,
    struct sandbox *sandbox, const struct sandbox_record *wanted,
    struct err *err);
int created_later(struct peer *peer, uint32_t request_id,
    struct sandbox_record *record, const struct sandbox_source *source,
    struct err *err);
int forked_later(struct peer *peer, uint32_t request_id,
    struct sandbox_record *record, const struct sandbox_source *source,
    struct err *err);
/* For who asked for it before: call is sandbox_create or sandbox_fork. */
int joined_later(struct peer *peer, const struct rpc_call *call,
    uint32_t request_id, struct sandbox *sandbox, struct err *err);
int attached_later(struct peer *peer, uint32_t request_id,
    struct sandbox *sandbox, struct err *err);
int resumed_later(struct peer *peer, uint32_t request_id,
    struct sandbox *sandbox, bool is_access, struct err *err);
int paused_later(struct peer *peer, uint32_t request_id,
    struct sandbox *sandbox, struct err *err);
int suspended_later(struct peer *peer, uint32_t request_id,
    struct sandbox *sandbox, struct err *err);
int egress_set_later(struct peer *peer, uint32_t request_id,
    struct sandbox *sandbox, struct rpc_bytes list, struct err *err);
int ceiling_set_later(struct peer *peer, uint32_t request_id,
    struct rpc_bytes list, struct err *err);
int pool_set_later(struct peer *peer, uint32_t request_id,
    const char *template_name, uint32_t wanted, struct err *err);
int restored_later(struct peer *peer, uint32_t request_id,
    struct sandbox *sandbox, const struct sandbox_source *snapshot,
    struct err *err);
int refreshed_later(struct peer *peer, uint32_t request_id,
    struct sandbox *sandbox, uint64_t duration_s, struct err *err);
int changed_later(struct peer *peer, uint32_t request_id,
    struct sandbox *sandbox, bool is_renewed, struct err *err);
int destroyed_later(struct peer *peer, uint32_t request_id,
    struct sandbox *sandbox, struct err *err);
int killed_later(struct peer *peer, uint32_t request_id,
    struct sandbox *sandbox, struct err *err);
