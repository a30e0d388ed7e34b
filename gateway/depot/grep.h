// SPDX-License-Identifier: Apache-2.0
/* Looks for words in the text of a disk, an artifact at a time. */
#pragma once

#include "gateway/depot/holder.h"

#define GREPS_MAX 4 /* of a capability, at once */

/* Answers the call in time; -EUSERS where there are GREPS_MAX. */
int grep_begin(struct holder *holder,
    const struct rpc_artifact_search_req *request, uint32_t call_id,
    struct err *err);

void greps_drop(struct holder *holder);
