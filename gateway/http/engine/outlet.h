// SPDX-License-Identifier: Apache-2.0
/*
 * Bytes of a reply that are moved to a connection's socket and not copied: they
 * come by another socket and wait in a pipe, and the library, which is told how
 * many there are, sends them by send(2), which is defined here.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

struct outlet;

/* Stands behind fd, until outlet_free, before which it must not be closed. NULL
 * where there is no memory, or no descriptor. */
struct outlet *outlet_new(int fd);
void outlet_free(struct outlet *outlet); /* NULL: nothing */

/*
 * Moves bytes from a stream socket, at most size, which the library has to be
 * told of next: how many; 0 at their end; -EAGAIN: none yet; or another -errno.
 */
ssize_t outlet_fill(struct outlet *outlet, int from_fd, size_t size);
