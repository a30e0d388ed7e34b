// SPDX-License-Identifier: Apache-2.0
/* An artifact that is being written. */
#pragma once

#include "gateway/depot/holder.h"

/* Both for a call of a holder's: *ret_fd is the other side's, the caller's. */
int upload_begin(struct holder *holder,
    const struct rpc_artifact_begin_req *request, uint64_t *ret_number,
    int *ret_fd, struct err *err);

/* Answered when it is in its place, maybe before this returns. */
int upload_commit(struct holder *holder,
    const struct rpc_artifact_commit_req *request, uint32_t call_id,
    struct err *err);

/* How many the organisation of the holder has under way. */
unsigned uploads_count(const struct holder *holder);

void uploads_drop(struct holder *holder);
