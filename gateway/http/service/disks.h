// SPDX-License-Identifier: Apache-2.0
/*
 * Disks and artifacts of the caller's organisation (docs/DISKS.md). Strings of
 * a request have to live until its done, which is called once, maybe before the
 * function returns; err is NULL, or why not.
 */
#pragma once

#include <stdbool.h>

#include "gateway/http/service/records.h"
#include "gateway/protocol/depot_calls.h"

struct identity;

typedef void disks_disk_done(void *arg, const struct rpc_disk_info *disk,
    const struct err *err);
/* fd is the callee's: its bytes, of disks_open_artifact; else -1. */
typedef void disks_artifact_done(void *arg,
    const struct rpc_artifact_info *artifact, int fd, const struct err *err);
/* folders: those of disks_list_artifacts. */
typedef void disks_list_done(void *arg, struct records *records, bool has_more,
    struct rpc_strv folders, const struct err *err);
typedef void disks_end_done(void *arg, const struct err *err);

void disks_create(struct identity *who,
    const struct rpc_disk_create_req *request, disks_disk_done *done,
    void *arg);
void disks_get(struct identity *who, const char *id, disks_disk_done *done,
    void *arg);
void disks_list(struct identity *who, const struct rpc_disk_list_req *request,
    disks_list_done *done, void *arg);
void disks_remove(struct identity *who, const char *id, disks_end_done *done,
    void *arg);

void disks_get_artifact(struct identity *who,
    const struct rpc_artifact_name *name, disks_artifact_done *done,
    void *arg);
void disks_open_artifact(struct identity *who,
    const struct rpc_artifact_name *name, disks_artifact_done *done,
    void *arg);
void disks_set_artifact(struct identity *who,
    const struct rpc_artifact_set_req *request, disks_artifact_done *done,
    void *arg);
void disks_remove_artifact(struct identity *who,
    const struct rpc_artifact_name *name, disks_end_done *done, void *arg);
void disks_list_artifacts(struct identity *who,
    const struct rpc_artifact_list_req *request, disks_list_done *done,
    void *arg);
/* What was done in sandboxes (depot.def). */
void disks_add_history(struct identity *who,
    const struct rpc_history_add_req *request, disks_end_done *done,
    void *arg);
void disks_list_histories(struct identity *who,
    const struct rpc_history_list_req *request, disks_list_done *done,
    void *arg);
void disks_search(struct identity *who,
    const struct rpc_artifact_search_req *request, bool is_for_text,
    disks_list_done *done, void *arg);
