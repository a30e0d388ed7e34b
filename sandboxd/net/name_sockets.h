// SPDX-License-Identifier: Apache-2.0
/*
 * Sockets that gateway-resolver holds and cannot make: those on which a
 * sandbox asks, and those to the resolvers of the host. Root opens them and
 * never reads one.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"
#include "common/prefix.h"

struct name_sockets {
	int udp_fd, tcp_fd;
};

/*
 * Opens a pair in a network namespace for each address, at port 53, whether the
 * namespace has the address yet or not; addresses of a family that the host has
 * not are left out. *ret_n of them, which the caller closes. -EADDRINUSE where
 * somebody inside listens there already.
 */
int name_sockets_open(int netns_fd, const struct prefix *addresses, size_t n,
    struct name_sockets *ret, size_t *ret_n, struct err *err);

/* A socket to port 53 of an address that does not block, and whose packets have
 * a mark (egress_resolver_mark). The caller's to close. */
int name_sockets_dial(const struct prefix *address, bool is_tcp,
    uint32_t mark, int *ret_fd, struct err *err);
