// SPDX-License-Identifier: Apache-2.0
/* The process that the lobby's commands are forked from. */
#pragma once

#include "gateway/jail/jail.h"

/*
 * Forks a command for each order on fd until it reaches end of file; each may
 * take timeout_s. Returns 0 then, or -errno.
 */
int zygote_run(int fd, unsigned int timeout_s,
    const struct jail_filter *command_filter, struct err *err);
