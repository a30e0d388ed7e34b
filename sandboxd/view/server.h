// SPDX-License-Identifier: Apache-2.0
/*
 * The process that keeps views true: the kernel asks it before it lets a read
 * of one go on (FAN_ACCESS_PERM of fanotify(7)), and it writes what is so now
 * where what is there is older than VIEW_FRESH_MS. It runs as root, with one
 * capability; it hears from sandboxes when they read and nothing else, and
 * reads the kernel's counters of them and nothing else. When it dies its
 * successor answers what it was asked; when nobody has the descriptor of the
 * questions any more they end, and what is there is what is read.
 */
#pragma once

#include <sys/types.h>

#include "sandboxd/view/place.h"

/* Not made anew before it is so old. */
#define VIEW_FRESH_MS 100

/* Reads of one sandbox that are answered in so long; those above wait until it
 * has passed, so that one that does nothing else takes a tenth of a CPU. */
#define VIEW_TURN_MS	  100
#define VIEW_TURN_ANSWERS 1000

/* Has the kernel ask from now on, by *ret_fd; who reads waits for an answer
 * until that is closed everywhere. */
int view_questions_open(const struct view_place *place, int *ret_fd,
    struct err *err);

/*
 * Starts one that answers, for slots below n_slots; a child of the caller's,
 * with which it ends. It has none of its descriptors but 0 to 2 and a copy of
 * questions_fd. What another had taken and not answered is allowed as it is.
 */
int view_server_start(const struct view_place *place, int questions_fd,
    const struct cgroup_host *cgroups, uint32_t n_slots, pid_t *ret_pid,
    struct err *err);
