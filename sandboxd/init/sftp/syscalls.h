// SPDX-License-Identifier: Apache-2.0
/* The system calls of a server whose login is for files alone. */
#pragma once

#include <stdbool.h>

#include "common/err.h"

/*
 * From here on this process makes no other system calls than serving SFTP
 * takes: no processes, sockets, signals or tracing, and none that change a file
 * unless it `writes`. Others fail with EPERM. The process must have no new
 * privileges. 0 or -errno with words.
 */
int syscalls_limit(bool writes, struct err *err);
