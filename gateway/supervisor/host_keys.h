// SPDX-License-Identifier: Apache-2.0
/*
 * The SSH host keys in state_dir/hostkeys: every file there whose name ends in
 * "_key", each with its public half beside it (.pub). Those the gateway makes
 * itself are made once and kept for ever. Of several of one type the one that
 * it made, or else the first by name, proves who the host is; the others are
 * announced to clients, for the day they take its place.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/err.h"

#define HOST_KEYS_MAX 6

/*
 * Makes the folder and those keys that are missing, each appearing whole or
 * not at all. Takes seconds at the first start. 0 or -errno.
 */
int host_keys_make(const char *state_dir, struct err *err);

/*
 * Opens the private (or, with is_public, the public) halves for reading, in
 * order of use; the caller closes the *ret_n of them. -ENOENT where a half is
 * missing, -E2BIG where there are more than HOST_KEYS_MAX.
 */
int host_keys_open(const char *state_dir, bool is_public,
    int ret_fds[HOST_KEYS_MAX], size_t *ret_n, struct err *err);
