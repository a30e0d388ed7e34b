// SPDX-License-Identifier: Apache-2.0
/* The sockets the gateway listens on. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "common/err.h"

#define LISTENER_BACKLOG 4096
#define LISTENERS_MAX	 16

/*
 * Listens on every "address:port" of the comma separated list; addresses are
 * numeric, IPv6 ones in brackets. `key` is the configuration's name for the
 * list. Where the host has no IPv6, its entries are left out as long as one
 * other works. Fills fds[LISTENERS_MAX] and *ret_n. 0 or -errno.
 */
int listener_open_tcp(const char *list, const char *key,
    int fds[LISTENERS_MAX], size_t *ret_n, struct err *err);

/*
 * Listens on a Unix stream socket at path, 0660 root:gid, in place of what an
 * earlier process left there.
 */
int listener_open_unix(const char *path, gid_t gid, int *ret_fd,
    struct err *err);

/* The same of SOCK_SEQPACKET, 0600: for root alone to call at. */
int listener_open_calls(const char *path, int *ret_fd, struct err *err);
