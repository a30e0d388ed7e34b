// SPDX-License-Identifier: Apache-2.0
/*
 * The audit log: one JSON object a line, appended to log_dir/audit.log, which
 * the supervisor makes and gives to the broker's user. Everything a client
 * chose is escaped.
 */
#pragma once

#include "common/err.h"

/* Opens the existing file for appending. *ret_fd is the caller's. */
int audit_open(const char *path, int *ret_fd, struct err *err);

/*
 * Writes {"time": now, "event": event, key: value, ...} from pairs of strings,
 * a NULL at the end; a pair whose value is NULL or "" is left out. At most
 * 4096 bytes; a line that cannot be written is returned as -errno.
 */
int audit_write(int fd, const char *event, ...)
    __attribute__((sentinel));
