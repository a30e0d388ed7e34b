// SPDX-License-Identifier: Apache-2.0
/* Short visits of this thread to another network namespace. */
#pragma once

#include "common/err.h"

/*
 * Moves the calling thread into netns_fd. *ret_home_fd is its way back, to be
 * given to netns_leave and to nothing else. On failure the thread is still at
 * home.
 */
int netns_enter(int netns_fd, int *ret_home_fd, struct err *err);

/*
 * Goes home and closes *home_fd. A process that cannot go home is killed by
 * abort(3): going on would set up the host's network in a sandbox.
 */
void netns_leave(int *home_fd);
