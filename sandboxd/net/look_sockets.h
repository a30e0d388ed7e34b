// SPDX-License-Identifier: Apache-2.0
/*
 * Sockets of a sandbox's namespace that gateway-resolver holds: where
 * connections come whose first bytes it looks at, and those by which they go
 * on. Root opens them and never reads one.
 */
#pragma once

#include <stdint.h>
#include <sys/socket.h>

#include "common/err.h"
#include "common/prefix.h"

/* Listens at EGRESS_LOOK_PORT of the family's loopback. The caller's to close;
 * -EAFNOSUPPORT and -EADDRNOTAVAIL where there is no such family, -EADDRINUSE
 * where somebody inside listens there already. */
int look_sockets_open(int netns_fd, sa_family_t family, int *ret_fd,
    struct err *err);

/* One that is connecting, and whose packets have a mark. The caller's to
 * close. */
int look_sockets_dial(int netns_fd, const struct prefix *to, uint16_t port,
    uint32_t mark, int *ret_fd, struct err *err);
