// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/libssh/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/fd.h"
#include "gateway/ssh/libssh/greeting.h"

#define READ_AHEAD_BYTES (256 * 1024)
#define WRITE_START_BYTES (16 * 1024)
/* libssh cannot produce more in one turn than what it was asked for. */
#define WRITE_MAX_BYTES (16 * 1024 * 1024)

struct wire {
	int fd, library_fd;
	bool may_read, is_broken, is_judged, has_greeted;
	uint8_t *in;
	size_t in_start, in_end;
	uint8_t *out;
	size_t out_start, out_end, out_size;
};

static struct wire wire = {.fd = -1, .library_fd = -1};

ssize_t __real_recv(int fd, void *data, size_t size, int flags);
ssize_t __real_send(int fd, const void *data, size_t size, int flags);
int __real_poll(struct pollfd *fds, nfds_t n, int timeout_ms);
ssize_t __wrap_recv(int fd, void *data, size_t size, int flags);
ssize_t __wrap_send(int fd, const void *data, size_t size, int flags);
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout_ms);

int
wire_open(int fd, int *ret_library_fd, struct err *err)
{
	int on = 1;

	wire.fd = fd;
	if (fd_set_nonblocking(fd) < 0)
		return err_errno(err, "the client's socket");
	/* Fails on what is no TCP socket: tests use others. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	wire.in = malloc(READ_AHEAD_BYTES);
	wire.out = malloc(WRITE_START_BYTES);
	if (wire.in == NULL || wire.out == NULL)
		return err_set(err, ENOMEM, "out of memory");
	wire.out_size = WRITE_START_BYTES;
	wire.library_fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (wire.library_fd < 0)
		return err_errno(err, "the client's socket");
	*ret_library_fd = wire.library_fd;
	return 0;
}

int
wire_fill(void)
{
	ssize_t n;

	if (wire.in_start < wire.in_end)
		return 1;
	do
		n = __real_recv(wire.fd, wire.in, READ_AHEAD_BYTES,
		    MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	wire.in_start = 0;
	wire.in_end = (size_t)n;
	return n > 0;
}

int
wire_flush(void)
{
	while (wire.out_start < wire.out_end) {
		ssize_t n = __real_send(wire.fd, wire.out + wire.out_start,
		    wire.out_end - wire.out_start,
		    MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			wire.is_broken = true;
		if (n < 0)
			return -errno;
		wire.out_start += (size_t)n;
	}
	wire.out_start = wire.out_end = 0;
	return 0;
}

bool
wire_has_input(void)
{
	return wire.in_start < wire.in_end;
}

size_t
wire_unsent_bytes(void)
{
	return wire.out_end - wire.out_start;
}

void
wire_let_read(bool may_read)
{
	wire.may_read = may_read;
}

void
wire_acknowledge_fast(void)
{
	int on = 1;

	(void)setsockopt(wire.fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}

static int
make_room(size_t size)
{
	size_t used = wire.out_end - wire.out_start, bytes = wire.out_size;
	uint8_t *larger;

	if (size <= wire.out_size - wire.out_end)
		return 0;
	if (size > WRITE_MAX_BYTES - used)
		return -ENOBUFS;
	memmove(wire.out, wire.out + wire.out_start, used);
	wire.out_start = 0;
	wire.out_end = used;
	while (bytes - used < size)
		bytes *= 2;
	if (bytes == wire.out_size)
		return 0;
	larger = realloc(wire.out, bytes);
	if (larger == NULL)
		return -ENOMEM;
	wire.out = larger;
	wire.out_size = bytes;
	return 0;
}

ssize_t
__wrap_send(int fd, const void *data, size_t size, int flags)
{
	if (fd != wire.library_fd)
		return __real_send(fd, data, size, flags);
	if (wire.is_broken || make_room(size) < 0) {
		errno = EPIPE;
		return -1;
	}
	memcpy(wire.out + wire.out_end, data, size);
	wire.out_end += size;
	return (ssize_t)size;
}

bool
wire_refuse_stranger(void)
{
	const char *words = NULL;

	if (!wire.is_judged)
		words = greeting_refusal(wire.in + wire.in_start,
		    wire.in_end - wire.in_start);
	wire.is_judged = true;
	if (words != NULL)
		(void)__wrap_send(wire.library_fd, words, strlen(words), 0);
	return words != NULL;
}

/*
 * The client's first line is handed out by itself, and by that libssh answers
 * with its algorithms. Were the client's there at once, and had none of ours,
 * libssh would hang up first and the client not know why.
 */
static size_t
end_greeting(size_t size)
{
	size_t bytes;

	if (wire.has_greeted)
		return size;
	bytes = greeting_bytes(wire.in + wire.in_start, size);
	wire.has_greeted = bytes > 0;
	return bytes > 0 ? bytes : size;
}

ssize_t
__wrap_recv(int fd, void *data, size_t size, int flags)
{
	if (fd != wire.library_fd)
		return __real_recv(fd, data, size, flags);
	if (!wire_has_input()) {
		errno = EAGAIN;
		return -1;
	}
	if (size > wire.in_end - wire.in_start)
		size = wire.in_end - wire.in_start;
	size = end_greeting(size);
	memcpy(data, wire.in + wire.in_start, size);
	wire.in_start += size;
	return (ssize_t)size;
}

/* For libssh's socket the answer follows from the buffers, without a call. */
int
__wrap_poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
	if (n != 1 || fds[0].fd != wire.library_fd)
		return __real_poll(fds, n, timeout_ms);
	fds[0].revents = fds[0].events & POLLOUT;
	if (wire.may_read && wire_has_input())
		fds[0].revents |= fds[0].events & POLLIN;
	return fds[0].revents != 0;
}
