// SPDX-License-Identifier: Apache-2.0
/* Bytes of a reply that are moved and not copied: they are those that came, and
 * what the library sends in their place is sent to nobody. */
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/http/engine/outlet.h"

#define BYTES 200000

static uint8_t wanted[BYTES], got[BYTES], nothing[BYTES];

static void
make_pair(int fds[2], int flags)
{
	assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0,
	    fds) == 0);
}

/* All that is there, at most `size`; how many. */
static size_t
receive(int fd, uint8_t *data, size_t size)
{
	size_t done = 0;
	ssize_t n = 1;

	while (n > 0 && done < size) {
		n = read(fd, data + done, size - done);
		done += n > 0 ? (size_t)n : 0;
	}
	return done;
}

/* As the library does it: told of some, it sends them, and waits where there is
 * no room. */
static void
test_moved(void)
{
	size_t sent = 0, received = 0, put = 0, told = 0;
	int from[2], to[2];
	struct outlet *outlet;

	make_pair(from, SOCK_NONBLOCK);
	make_pair(to, SOCK_NONBLOCK);
	outlet = outlet_new(to[0]);
	assert(outlet != NULL);
	assert(outlet_fill(outlet, from[0], BYTES) == -EAGAIN);
	while (received < BYTES) {
		ssize_t n = write(from[1], wanted + put, BYTES - put);

		put += n > 0 ? (size_t)n : 0;
		if (told == sent) {
			n = outlet_fill(outlet, from[0], 65536);
			assert(n > 0 || n == -EAGAIN);
			told += n > 0 ? (size_t)n : 0;
		}
		if (told > sent) {
			n = send(to[0], nothing, told - sent, MSG_NOSIGNAL);
			assert(n > 0 || errno == EAGAIN);
			sent += n > 0 ? (size_t)n : 0;
		}
		received += receive(to[1], got + received, BYTES - received);
	}
	assert(memcmp(wanted, got, BYTES) == 0);
	/* The next reply's head is sent as it is. */
	assert(send(to[0], "head", 4, MSG_NOSIGNAL) == 4);
	assert(receive(to[1], got, 4) == 4 && memcmp(got, "head", 4) == 0);
	close(from[1]);
	assert(outlet_fill(outlet, from[0], BYTES) == 0);
	outlet_free(outlet);
	assert(send(to[0], "tail", 4, MSG_NOSIGNAL) == 4);
	close(from[0]);
	close(to[0]);
	close(to[1]);
}

/* Whoever was told of bytes and did not send them is told of no more. */
static void
test_not_sent(void)
{
	struct outlet *outlet;
	int from[2], to[2];

	make_pair(from, SOCK_NONBLOCK);
	make_pair(to, SOCK_NONBLOCK);
	outlet = outlet_new(to[0]);
	assert(outlet != NULL);
	assert(write(from[1], "0123456789", 10) == 10);
	assert(outlet_fill(outlet, from[0], 6) == 6);
	assert(outlet_fill(outlet, from[0], 6) == -EPROTO);
	/* No more than it was told of. */
	assert(send(to[0], nothing, 100, MSG_NOSIGNAL) == 6);
	assert(receive(to[1], got, 10) == 6 && memcmp(got, "012345", 6) == 0);
	assert(outlet_fill(outlet, from[0], 6) == 4);
	close(to[1]);
	assert(send(to[0], nothing, 4, MSG_NOSIGNAL) < 0 && errno == EPIPE);
	outlet_free(outlet);
	outlet_free(NULL);
	assert(outlet_new(-1) == NULL);
	close(from[0]);
	close(from[1]);
	close(to[0]);
}

int
main(void)
{
	for (size_t i = 0; i < BYTES; i++)
		wanted[i] = (uint8_t)(i * 31 + i / 251);
	memset(nothing, 0xee, sizeof nothing);
	assert(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	test_moved();
	test_not_sent();
	return 0;
}
