// SPDX-License-Identifier: Apache-2.0
/* The folders and files the gateway's processes expect to find. */
#pragma once

#include "common/err.h"

struct gateway_conf;

/*
 * Makes run_dir, run_dir/empty (the jail's root), state_dir, state_dir/keys
 * (the broker user's) and log_dir with audit.log and recordings (the broker
 * user's) in it, where they are missing. 0 or -errno.
 */
int folders_make(const struct gateway_conf *settings, struct err *err);

/*
 * Locks run_dir/gateway.pid for as long as *ret_fd is open and writes our pid
 * into it. -EBUSY, with its pid, where another instance holds it.
 */
int folders_lock(const char *run_dir, int *ret_fd, struct err *err);
