// SPDX-License-Identifier: Apache-2.0
/* What was recorded of the caller's organisation. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/rpc.h"
#include "gateway/http/service/records.h"

struct identity;
struct rpc_recording_info;

/* Each done is called once, maybe before the function returns; err is NULL, or
 * why not. */
typedef void recordings_list_done(void *arg, struct records *records,
    bool has_more, const struct err *err);
/* fd is the callee's: the file, from its beginning, of info->bytes. */
typedef void recordings_open_done(void *arg,
    const struct rpc_recording_info *info, int fd, const struct err *err);

/* The newest first, those before an id ("" = all). -EMSGSIZE where that is too
 * long for one. */
void recordings_list(struct identity *who, const char *before,
    recordings_list_done *done, void *arg);

void recordings_open(struct identity *who, const char *id,
    recordings_open_done *done, void *arg);
