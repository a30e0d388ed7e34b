// SPDX-License-Identifier: Apache-2.0
/*
 * The group of the gateway's processes: what strangers make them take is
 * bounded, and is not the host's.
 */
#pragma once

#include <stdint.h>

#include "common/err.h"

/*
 * Moves this process, and with it all it will start, into the group `name` of
 * the host, made where there is none, with limits of memory and processes. On
 * version 1, 2 and where both are. memory_bytes 0 = an eighth of the host's.
 * -EROFS or -EACCES where somebody else (a service manager) sees to that.
 */
int cgroup_join(const char *name, uint64_t memory_bytes, uint64_t pids,
    struct err *err);
