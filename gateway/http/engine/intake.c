// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/engine/intake.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "common/buffer.h"
#include "gateway/http/engine/by_fd.h"
#include "gateway/http/engine/framing.h"

/* A head, and what comes with it in one read. */
#define ROOM_BYTES (FRAMING_HEAD_MAX + 4096)

/* Beyond it, for framing_close. */
#define CLOSE_BYTES 32

/* The same of one that was answered while it still sends. */
#define LINGER_BYTES_MAX ((size_t)64 * 1024 * 1024)

/* Read and dropped of a client that is refused, so that the reply is not lost
 * to the reset of a socket closed with bytes in it. */
#define DROPPED_BYTES_MAX ((size_t)256 * 1024)

struct intake {
	int fd;
	struct framing framing;
	uint64_t n_begun; /* requests the library told of */
	char *room;	  /* NULL while nothing is kept */
	size_t used;	  /* bytes in it */
	size_t ready;	  /* of these may be passed on */
	bool is_closed;	  /* a problem, of which the library was told */
	bool is_lingering;
	size_t n_dropped;
};

/* By descriptor; the library's recv has nothing else to go by. */
static struct by_fd intakes;

struct intake *
intake_new(int fd)
{
	struct intake *intake = calloc(1, sizeof *intake);

	if (intake == NULL || (fd >= 0 && !by_fd_make_room(&intakes, fd))) {
		free(intake);
		return NULL;
	}
	intake->fd = fd;
	if (fd >= 0)
		by_fd_set(&intakes, fd, intake);
	return intake;
}

void
intake_free(struct intake *intake)
{
	if (intake == NULL)
		return;
	if (intake->fd >= 0)
		by_fd_set(&intakes, intake->fd, NULL);
	free(intake->room);
	free(intake);
}

const char *
intake_problem(const struct intake *intake)
{
	return intake->n_begun == intake->framing.n_requests ?
	    intake->framing.problem : NULL;
}

const char *
intake_begin(struct intake *intake)
{
	intake->n_begun++;
	if (intake->n_begun > intake->framing.n_requests)
		return "a request that was not seen to come";
	return intake_problem(intake);
}

/* recv(2) itself, by its other name. */
static ssize_t
receive(int fd, void *data, size_t size, int flags)
{
	return recvfrom(fd, data, size, flags, NULL, NULL);
}

/* What is there, at once; as recv(2). */
static ssize_t
drop(struct intake *intake)
{
	not_cleared char dropped[16384];
	size_t total = 0;
	ssize_t n = 1;

	while (n > 0 && total < DROPPED_BYTES_MAX) {
		n = receive(intake->fd, dropped, sizeof dropped,
		    MSG_DONTWAIT);
		total += n > 0 ? (size_t)n : 0;
	}
	intake->n_dropped += total;
	if (n <= 0)
		return n;
	errno = EAGAIN;
	return -1;
}

void
intake_linger(struct intake *intake)
{
	intake->is_lingering = true;
}

/* In place of what is not passed on. */
static void
close_request(struct intake *intake)
{
	const char *text = framing_close(&intake->framing);

	memcpy(intake->room + intake->ready, text, strlen(text));
	intake->used = intake->ready += strlen(text);
	intake->is_closed = true;
	(void)drop(intake);
}

/* Moves what is ready to data, as much as fits. */
static size_t
pass_on(struct intake *intake, char *data, size_t size)
{
	size_t n = size < intake->ready ? size : intake->ready;

	memcpy(data, intake->room, n);
	intake->used -= n;
	intake->ready -= n;
	memmove(intake->room, intake->room + n, intake->used);
	return n;
}

/* Once more from the socket to the room; as recv(2). */
static ssize_t
fill(struct intake *intake)
{
	ssize_t n = receive(intake->fd, intake->room + intake->used,
	    ROOM_BYTES - intake->used, MSG_DONTWAIT);

	if (n <= 0)
		return n;
	intake->used += (size_t)n;
	intake->ready += framing_take(&intake->framing,
	    intake->room + intake->ready, intake->used - intake->ready);
	if (intake->framing.problem != NULL)
		close_request(intake);
	return n;
}

/*
 * As recv(2). The library takes a short read for one that emptied the socket,
 * and waits for the next edge: so that is what a short one has to be.
 */
static ssize_t
take(struct intake *intake, char *data, size_t size)
{
	size_t used = 0;
	ssize_t n = 1;

	while (used < size && n > 0) {
		used += pass_on(intake, data + used, size - used);
		if (used == size)
			break;
		n = intake->is_closed ? 0 : fill(intake);
	}
	return used > 0 ? (ssize_t)used : n;
}

/* What needs no look goes straight to where it is wanted. */
static ssize_t
take_free(struct intake *intake, char *data, size_t size, uint64_t n_free,
    int flags)
{
	ssize_t n = receive(intake->fd, data, size < n_free ? size :
	    (size_t)n_free, flags);

	if (n > 0)
		framing_skip(&intake->framing, (size_t)n);
	return n;
}

static ssize_t
take_looked(struct intake *intake, char *data, size_t size)
{
	ssize_t n;
	int saved;

	if (intake->room == NULL)
		intake->room = malloc(ROOM_BYTES + CLOSE_BYTES);
	if (intake->room == NULL) {
		errno = ENOMEM;
		return -1;
	}
	n = take(intake, data, size);
	saved = errno;
	if (intake->used == 0) { /* one that rests costs nothing */
		free(intake->room);
		intake->room = NULL;
	}
	errno = saved;
	return n;
}

/*
 * In front of the C library's, for the library that was linked: the program's
 * own symbols come first. All other sockets are as they were.
 */
ssize_t
recv(int fd, void *data, size_t size, int flags)
{
	struct intake *intake = by_fd_get(&intakes, fd);
	uint64_t n_free;

	if (intake == NULL)
		return receive(fd, data, size, flags);
	if (intake->is_lingering)
		return intake->n_dropped < LINGER_BYTES_MAX ? drop(intake) : 0;
	n_free = framing_free_bytes(&intake->framing);
	if (intake->used == 0 && n_free >= size)
		return take_free(intake, data, size, n_free, flags);
	return take_looked(intake, data, size);
}
