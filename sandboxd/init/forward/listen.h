// SPDX-License-Identifier: Apache-2.0
/* Sockets that listen inside the sandbox for an SSH client. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define LISTEN_FDS_MAX 2

/* Listening sockets, non-blocking and close-on-exec; unused ones are -1. */
struct listen_sockets {
	int fds[LISTEN_FDS_MAX];
	size_t n_fds;
	uint16_t port; /* of TCP ones, all the same */
};

/*
 * Listens on the loopback addresses of a family, AF_UNSPEC = of both; port 0 =
 * any. As in sshd, one of both is enough, unless `needs_all`: then a port that
 * is taken in either is -EADDRINUSE. 0 or -errno.
 */
int listen_tcp(int family, uint16_t port, bool needs_all,
    struct listen_sockets *ret);

/*
 * Makes a Unix stream socket at path with permissions 0777 & ~mask. Where
 * there is a file: -EADDRINUSE, or with `replaces` it is removed first.
 * Changes this process's umask: for deputies. 0 or -errno.
 */
int listen_unix(const char *path, mode_t mask, bool replaces,
    struct listen_sockets *ret);

void listen_close(struct listen_sockets *sockets);
