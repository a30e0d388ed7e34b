// SPDX-License-Identifier: Apache-2.0
/* Whether a pid of yesterday is still the same process. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "common/err.h"

/* The process's start time, in clock ticks since boot. -ESRCH: none such. */
int process_start_ticks(pid_t pid, uint64_t *ret, struct err *err);

/*
 * Opens a pidfd if the process of this pid and start time is alive. -ESRCH
 * where it is not. The caller closes it.
 */
int process_open(pid_t pid, uint64_t start_ticks, int *ret_fd,
    struct err *err);

/*
 * Opens the network namespace of a process that lives, of this pid and pidfd;
 * the caller closes it.
 */
int process_open_network(pid_t pid, int pid_fd, int *ret_fd,
    struct err *err);

/* Writes this boot's id, terminated, to text[size]. */
int process_boot_id(char *text, size_t size, struct err *err);
