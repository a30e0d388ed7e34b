// SPDX-License-Identifier: Apache-2.0
/* One program the supervisor keeps alive. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "common/err.h"

#define CHILD_FDS_MAX 8

/*
 * Starts the program at path with fds[0..n_fds) as its descriptors 3, 4, ...
 * and nothing else but stderr (0 and 1 are /dev/null), in `/`, with an empty
 * signal mask and next to no environment. argv ends with NULL. oom_score is its
 * oom_score_adj (NULL: the caller's own). *ret_pid is the caller's to reap.
 */
int child_start(const char *path, const char *const *argv, const int *fds,
    size_t n_fds, const char *oom_score, pid_t *ret_pid, struct err *err);
