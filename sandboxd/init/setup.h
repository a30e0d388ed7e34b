// SPDX-License-Identifier: Apache-2.0
/* Makes a fresh root file system usable, from within. */
#pragma once

#include "common/err.h"
#include "common/rpc_calls.h"

/*
 * Writes /etc/hostname, /etc/hosts, /etc/machine-id and /etc/resolv.conf where
 * they differ, and makes /workspace the default user's where it does not exist.
 * A resolv_conf of "" leaves that file alone. 0 or -errno.
 */
int setup_files(const struct rpc_init_setup_req *request, struct err *err);

/*
 * Has all that was made in here until now be of now: the files of setup_files,
 * and what was mounted. Nothing but that may have been written.
 */
void setup_renew(void);
