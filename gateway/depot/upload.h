// SPDX-License-Identifier: Apache-2.0
/* An artifact that is being written. */
#pragma once

#include "gateway/depot/holder.h"

/* Both answer a call of a holder's in time, unless they return an error: the
 * first with a descriptor of the other side, the second when it is in its
 * place. */
int upload_begin(struct holder *holder,
    const struct rpc_artifact_begin_req *request, uint32_t call_id,
    struct err *err);
int upload_commit(struct holder *holder,
    const struct rpc_artifact_commit_req *request, uint32_t call_id,
    struct err *err);

/* How many the organisation of the holder has under way. */
unsigned uploads_count(const struct holder *holder);

void uploads_drop(struct holder *holder);
