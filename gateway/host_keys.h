// SPDX-License-Identifier: Apache-2.0
/* The SSH host keys in state_dir/hostkeys: made once, kept for ever. */
#pragma once

#include <stddef.h>

#include "common/err.h"

#define HOST_KEYS_N 3 /* ed25519, ecdsa, rsa */

/*
 * Makes the folder and those keys that are missing, each appearing whole or
 * not at all. Takes seconds at the first start. 0 or -errno.
 */
int host_keys_make(const char *state_dir, struct err *err);

/* Opens the private (or, with is_public, the public) halves for reading; the
 * caller closes them. */
int host_keys_open(const char *state_dir, int is_public,
    int ret_fds[HOST_KEYS_N], struct err *err);
