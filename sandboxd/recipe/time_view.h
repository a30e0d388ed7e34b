// SPDX-License-Identifier: Apache-2.0
/*
 * How long a sandbox has been there, as what is inside sees it: a time
 * namespace (time_namespaces(7)) whose boot is now. In it the kernel counts
 * /proc/uptime, btime of /proc/stat and starttime of /proc/PID/stat alike, so
 * that `uptime` and `ps` agree. It is owned by the host's user namespace;
 * CLOCK_MONOTONIC and the time of day are the host's.
 */
#pragma once

#include <time.h>

#include "common/err.h"

/* A boot that is now: on CLOCK_BOOTTIME; 0, as the host's is, where the kernel
 * has no such namespaces. */
struct timespec time_view_now(void);

/*
 * From here on children that the caller forks (not with CLONE_VM) are born in
 * such a namespace, with that boot, until time_view_leave(). *ret_home_fd is -1
 * where the kernel has none, and all is as it was. The caller has one thread.
 */
int time_view_enter(const struct timespec *boot, int *ret_home_fd,
    struct err *err);

/* Children are born where the caller is again. Closes; aborts where the kernel
 * refuses, so that no later sandbox has another one's time. */
void time_view_leave(int *home_fd);
