// SPDX-License-Identifier: Apache-2.0
/* File descriptors: scoped closing, handing over, passing through sockets. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

/* Most descriptors one message may carry, in either direction. */
#define FD_PASS_MAX 8

/* close(2) of what *fd holds unless negative; never retried; errno is kept. */
void fd_close(int *fd);

static inline void
free_pointer(void *p)
{
	free(*(void **)p);
}

/* Function-local variables that clean themselves up at the end of scope. */
#define auto_free  __attribute__((cleanup(free_pointer)))
#define auto_close __attribute__((cleanup(fd_close)))

/* Returns *fd and leaves -1: the caller now owns it. */
static inline int
take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

/*
 * sendmsg(2) of one datagram of `size` bytes with n_fds descriptors (at most
 * FD_PASS_MAX) as SCM_RIGHTS; the caller keeps its copies. MSG_NOSIGNAL is
 * always set; `flags` may add MSG_DONTWAIT. Returns 0 or -errno.
 */
int fd_send(int sock, const void *data, size_t size, const int *fds,
    size_t n_fds, int flags);

/*
 * recvmsg(2) of one datagram. Received descriptors are close-on-exec, stored
 * in fds[FD_PASS_MAX], and the caller's to close; unused slots are -1.
 * Returns the bytes received, 0 at end of file, -EMSGSIZE for a datagram or a
 * descriptor list that did not fit (nothing is kept), else -errno.
 */
ssize_t fd_receive(int sock, void *data, size_t size, int fds[FD_PASS_MAX],
    size_t *ret_n_fds, int flags);

/* A connected pair of SOCK_SEQPACKET sockets, close-on-exec. 0 or -errno. */
int fd_seqpacket_pair(int ret_fds[2]);

/* One to the socket at path, which does not block. The caller's, or -errno. */
int fd_seqpacket_connect(const char *path);

/*
 * Has the kernel refuse, to whoever sends, descriptors for sock; what a
 * listener accepts inherits it. To be called before a stranger holds the other
 * end: closing what they sent, read or not, may wait as long as they like
 * (SO_LINGER). Kernels before 6.16 cannot do it; that is no error.
 */
void fd_refuse_passing(int sock);

/* Adds O_NONBLOCK. 0 or -errno. */
int fd_set_nonblocking(int fd);

/* Whether the file system of fd has this left for us: 0, -ENOSPC or -errno. */
int fd_check_room(int fd, uint64_t n_bytes);

/* Reads or writes all of `size` bytes. 0 or -errno (-EPIPE at an early end). */
int fd_read_all(int fd, void *data, size_t size);
int fd_write_all(int fd, const void *data, size_t size);
