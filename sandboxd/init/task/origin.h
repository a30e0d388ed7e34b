// SPDX-License-Identifier: Apache-2.0
/* What a task was started with, for who asks later. */
#pragma once

#include "sandboxd/init/task/task.h"

/* Copies it out of the request; zeroed before. 0 or -ENOMEM with words; what
 * there is by then origin_fini frees. */
int origin_init(struct task_origin *origin,
    const struct rpc_process_start_req *request, struct err *err);

void origin_fini(struct task_origin *origin);
