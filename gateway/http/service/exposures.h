// SPDX-License-Identifier: Apache-2.0
/* What of a sandbox is served to those outside: services and previews, which
 * the broker keeps (docs/SERVICES.md). */
#pragma once

#include "gateway/protocol/broker_calls.h"

struct identity;

/* Each done is called once, maybe before the function returns; err is NULL, or
 * why there is nothing. */
typedef void exposures_service_done(void *arg,
    const struct rpc_service_info *service, const struct err *err);
typedef void exposures_preview_done(void *arg, const char *token,
    const struct rpc_preview_info *preview, const struct err *err);
typedef void exposures_list_done(void *arg, struct rpc_bytes list,
    const struct err *err);
typedef void exposures_done(void *arg, const struct err *err);

/* secret NULL = none; a hash of it is sent. */
void exposures_put_service(struct identity *who,
    const struct rpc_service_info *service, const char *secret,
    exposures_service_done *done, void *arg);

/* The same of one whose secret's SHA-256 is known alone; NULL = none. */
void exposures_put_service_hash(struct identity *who,
    const struct rpc_service_info *service, const uint8_t *sha256,
    exposures_service_done *done, void *arg);

/* Records of service_info. */
void exposures_list_services(struct identity *who, const char *sandbox_id,
    exposures_list_done *done, void *arg);

/* The token is told this once. */
void exposures_create_preview(struct identity *who, const char *sandbox_id,
    uint32_t port, uint64_t ttl_ms, exposures_preview_done *done, void *arg);

/* Has one of the caller's live ttl_ms from now, at least; the token is "". */
void exposures_renew_preview(struct identity *who, const char *sandbox_id,
    uint64_t preview_id, uint64_t ttl_ms, exposures_preview_done *done,
    void *arg);

/* Records of preview_info. */
void exposures_list_previews(struct identity *who, const char *sandbox_id,
    exposures_list_done *done, void *arg);

/* The service, where it is not "", else the preview. */
void exposures_remove(struct identity *who, const char *sandbox_id,
    const char *service, uint64_t preview_id, exposures_done *done,
    void *arg);
