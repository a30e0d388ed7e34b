// SPDX-License-Identifier: Apache-2.0
/* Those who wait for the end of a task that they had killed: an answer says so
 * once it is over, with all that it has started, or after ENDING_WAIT_MS. */
#pragma once

#include "sandboxd/init/peer.h"
#include "sandboxd/init/task/task.h"

#define ENDING_WAIT_MS 2000 /* what the kernel does not let go by then */
#define ENDINGS_MAX    256  /* of all peers; one more is answered at once */

/* Sends the answer, which it takes over, then. May free the peer, as
 * peer_answer may. */
void ending_await(struct peer *peer, const struct task *task,
    struct answer *answer);

/* Ends every wait of a peer that goes away, unanswered. */
void ending_forget(struct peer *peer);

/* Answers those whose task is over, or whose time is. Milliseconds until this
 * must be called again, -1 for never. */
int ending_expire(struct init *init);
