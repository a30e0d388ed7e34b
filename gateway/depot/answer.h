// SPDX-License-Identifier: Apache-2.0
/* The rows of depot.def, and what answers them: an rpc_server_table's. */
#pragma once

#include "common/rpc_server.h"

const struct rpc_call *answer_row(size_t i);

struct holder;

/* What it is being answered is answered to nobody. */
void answers_drop(struct holder *holder);

/* arg is the holder. */
int answer_serve(void *arg, size_t i, struct rpc_message *message,
    const void *request, struct err *err);
