// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/engine/outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "common/fd.h"
#include "gateway/http/engine/by_fd.h"

struct outlet {
	int fd;
	int pipe_fds[2];
	size_t n_waiting; /* bytes in it, of which the library knows */
};

/* By descriptor; the library's send has nothing else to go by. */
static struct by_fd outlets;

struct outlet *
outlet_new(int fd)
{
	struct outlet *outlet = calloc(1, sizeof *outlet);

	if (outlet == NULL || !by_fd_make_room(&outlets, fd) ||
	    pipe2(outlet->pipe_fds, O_CLOEXEC | O_NONBLOCK) < 0) {
		free(outlet);
		return NULL;
	}
	outlet->fd = fd;
	by_fd_set(&outlets, fd, outlet);
	return outlet;
}

void
outlet_free(struct outlet *outlet)
{
	if (outlet == NULL)
		return;
	by_fd_set(&outlets, outlet->fd, NULL);
	fd_close(&outlet->pipe_fds[0]);
	fd_close(&outlet->pipe_fds[1]);
	free(outlet);
}

/* As splice(2) of two that do not block, or -errno. */
static ssize_t
move(int from_fd, int to_fd, size_t size, unsigned int flags)
{
	ssize_t n;

	do
		n = splice(from_fd, NULL, to_fd, NULL, size,
		    SPLICE_F_MOVE | SPLICE_F_NONBLOCK | flags);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

ssize_t
outlet_fill(struct outlet *outlet, int from_fd, size_t size)
{
	ssize_t n;

	/* It was told of them, and has sent something else. */
	if (outlet->n_waiting > 0)
		return -EPROTO;
	n = move(from_fd, outlet->pipe_fds[1], size, 0);
	if (n > 0)
		outlet->n_waiting = (size_t)n;
	return n;
}

/*
 * In front of the C library's, for the library that was linked: the program's
 * own symbols come first. All other sockets are as they were. Where less goes
 * than is asked for, the socket is full, which is what the library takes it
 * for.
 */
ssize_t
send(int fd, const void *data, size_t size, int flags)
{
	struct outlet *outlet = by_fd_get(&outlets, fd);
	ssize_t n;

	if (outlet == NULL || outlet->n_waiting == 0)
		return sendto(fd, data, size, flags, NULL, 0);
	if (size > outlet->n_waiting)
		size = outlet->n_waiting;
	n = move(outlet->pipe_fds[0], fd, size,
	    (flags & MSG_MORE) != 0 ? SPLICE_F_MORE : 0);
	if (n < 0) {
		errno = (int)-n;
		return -1;
	}
	outlet->n_waiting -= (size_t)n;
	return n;
}
