// SPDX-License-Identifier: Apache-2.0
/*
 * gateway-relay: who passes on the bytes of connections that were looked at
 * (docs/EGRESS.md). A process of its own, which reads none of them and has
 * fewer calls than the resolver, whose child it is. It outlives that: what was
 * let go on goes on, until it ends by itself or its sandbox does.
 *
 * Both send fixed frames over one SOCK_SEQPACKET socket.
 */
#pragma once

#include <stdint.h>

#include "common/paths.h"
#include "gateway/settings/resolver_conf.h"

enum relay_kind {
	RELAY_PASS, /* with the descriptors below: both ways, until it ends */
	RELAY_CUT,  /* reset it */
};

/* The resolver's. */
struct relay_order {
	uint32_t kind;	 /* enum relay_kind */
	uint32_t number; /* the connection's, of the resolver's choosing */
};

/* What goes along with RELAY_PASS. */
enum {
	RELAY_FD_CLIENT,
	RELAY_FD_SERVER,
	RELAY_FD_LIFE, /* of the sandbox: readable once that has ended */
	N_RELAY_FDS
};

/* The relay's: it is over. */
struct relay_end {
	uint32_t number;
};

/* Bytes that are read at once. */
#define RELAY_BYTES 32768

/*
 * Starts it: *ret_fd, the caller's, is what orders go by; when that is at its
 * end, there is nobody who passes anything on. Before the caller goes to jail
 * and opens what a child is not to have; `fds`, which end with -1, it closes.
 * 0 or -errno.
 */
int relay_start(const struct paths *paths, const struct resolver_conf *conf,
    const int *fds, int *ret_fd, struct err *err);
