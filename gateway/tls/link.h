// SPDX-License-Identifier: Apache-2.0
/*
 * One connection that speaks TLS, and a socket on which the same is plain:
 * what serves it knows nothing of TLS. Bytes go between the two in buffers of a
 * fixed size, and wait in the kernel where the other side is slow. Whoever
 * hangs up on one side is gone on the other.
 */
#pragma once

#include <sys/queue.h>

#include "gateway/http/engine/loop.h"
#include "gateway/tls/keys.h"

#define TLS_LINK_BUFFER_BYTES 16384 /* each way; a record of TLS */

/* What one takes at most: both, and OpenSSL's records and handshake. */
#define TLS_LINK_BYTES (2 * TLS_LINK_BUFFER_BYTES + 96 * 1024)

#define TLS_LINK_FDS 2 /* that one has, beside the plain socket */

struct tls_link;

struct tls_links {
	struct loop *loop;
	struct tls_keys *keys;
	LIST_HEAD(, tls_link) all;
	size_t n;
};

/*
 * Takes over fd, just accepted and non-blocking, also where it fails.
 * *ret_plain_fd is the caller's; it is close-on-exec and non-blocking. How long
 * the client may take is the caller's matter: who closes it or shuts it down
 * ends the connection, after at most 30 seconds in which the client takes
 * nothing. 0, -ENOMEM, or what socketpair(2) or epoll say.
 */
int tls_link_new(struct tls_links *links, int fd, int *ret_plain_fd);

/* All of them, at once. */
void tls_links_cut(struct tls_links *links);
