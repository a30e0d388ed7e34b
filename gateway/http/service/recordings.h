// SPDX-License-Identifier: Apache-2.0
/* Whether the caller's organisation is recorded, and what was. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/rpc.h"
#include "gateway/http/service/records.h"

struct identity;
struct rpc_org_get_rep;
struct rpc_recording_info;

/* Each done is called once, maybe before the function returns; err is NULL, or
 * why not. */
typedef void recordings_org_done(void *arg, const struct rpc_org_get_rep *org,
    const struct err *err);
typedef void recordings_list_done(void *arg, struct records *records,
    bool has_more, const struct err *err);
/* fd is the callee's: the file, from its beginning, of info->bytes. */
typedef void recordings_open_done(void *arg,
    const struct rpc_recording_info *info, int fd, const struct err *err);

void recordings_get_org(struct identity *who, recordings_org_done *done,
    void *arg);

/* Logins from now on; answers as the get. */
void recordings_set_org(struct identity *who, bool is_recorded,
    recordings_org_done *done, void *arg);

/* The newest first, those before an id ("" = all). -EMSGSIZE where that is too
 * long for one. */
void recordings_list(struct identity *who, const char *before,
    recordings_list_done *done, void *arg);

void recordings_open(struct identity *who, const char *id,
    recordings_open_done *done, void *arg);
