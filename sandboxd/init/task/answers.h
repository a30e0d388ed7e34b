// SPDX-License-Identifier: Apache-2.0
/* The process_* calls of init.def, as rows of sandboxd/init/calls.c: each fills
 * the answer, which may then go. */
#pragma once

#include "sandboxd/init/peer.h"

bool answer_process_start(struct peer *peer, const void *data,
    struct answer *answer);
bool answer_process_list(struct peer *peer, const void *data,
    struct answer *answer);
bool answer_process_attach(struct peer *peer, const void *data,
    struct answer *answer);
bool answer_process_signal(struct peer *peer, const void *data,
    struct answer *answer);
bool answer_process_view(struct peer *peer, const void *data,
    struct answer *answer);
bool answer_process_get(struct peer *peer, const void *data,
    struct answer *answer);
bool answer_process_resize(struct peer *peer, const void *data,
    struct answer *answer);
bool answer_process_close_input(struct peer *peer, const void *data,
    struct answer *answer);
bool answer_process_kill(struct peer *peer, const void *data,
    struct answer *answer);
bool answer_process_start_channel(struct peer *peer, const void *data,
    struct answer *answer);
