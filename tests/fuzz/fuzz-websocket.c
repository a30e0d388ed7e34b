// SPDX-License-Identifier: Apache-2.0
/*
 * A client's half of a WebSocket, on a socket in a real loop. What is told of
 * it does not depend on how its bytes arrive; what is answered are frames of a
 * server, of which a close is the last and has a code that may be; and it ends
 * once. The first byte of the input chooses: pieces, a hold, a free.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/http/engine/websocket.h"

#define INPUT_MAX  65536
#define ANSWER_MAX 65536
#define TURNS	   8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct world {
	struct websocket *websocket;
	uint64_t sum; /* of all that was told, in order */
	size_t n_told;
	unsigned int n_texts, n_ends;
	bool holds, frees;
	uint8_t answer[ANSWER_MAX];
	size_t n_answer;
};

static struct loop loop;

static void
add(struct world *world, const void *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		world->sum = (world->sum ^ ((const uint8_t *)data)[i]) *
		    1099511628211u;
	world->n_told += size;
}

static void
maybe_free(struct world *world)
{
	if (!world->frees)
		return;
	websocket_free(world->websocket);
	world->websocket = NULL;
}

static void
on_text(void *arg, const char *text, size_t size)
{
	struct world *world = arg;

	if (text[size] != '\0' || size > WEBSOCKET_TEXT_MAX)
		abort();
	add(world, text, size);
	add(world, "t", 1);
	world->n_texts++;
	if (world->holds)
		websocket_hold(world->websocket, true);
	maybe_free(world);
}

static void
on_bytes(void *arg, const void *data, size_t size)
{
	struct world *world = arg;

	add(world, data, size);
	if (world->n_texts == 0)
		(void)websocket_send_bytes(world->websocket, data, size);
	maybe_free(world);
}

static void
on_ended(void *arg)
{
	struct world *world = arg;

	if (++world->n_ends > 1)
		abort();
	maybe_free(world);
}

/* All that has come for the client; false: nothing has. */
static bool
hear(struct world *world, int fd)
{
	ssize_t n = recv(fd, world->answer + world->n_answer,
	    sizeof world->answer - world->n_answer, MSG_DONTWAIT);

	if (n <= 0)
		return false;
	world->n_answer += (size_t)n;
	return true;
}

static void
turn(struct world *world, int fd)
{
	for (int i = 0; i < TURNS; i++) {
		loop_turn(&loop, 0);
		(void)hear(world, fd);
		if (world->websocket != NULL && world->holds)
			websocket_hold(world->websocket, false);
	}
}

/* RFC 6455, 7.4: what may be sent; the client's own is said again. */
static bool
is_code(unsigned int code)
{
	return (code >= 1000 && code <= 1003) ||
	    (code >= 1007 && code <= 1011) || (code >= 3000 && code <= 4999);
}

static void
check_close(const uint8_t *payload, size_t size)
{
	if (size == 1 || (size > 1 && !is_code((unsigned int)(payload[0] << 8 |
	    payload[1]))))
		abort();
}

/* Unmasked, whole, of no extension, and nothing behind a close. */
static void
check_answer(const struct world *world)
{
	size_t at = 0, left, size;

	while (at < world->n_answer) {
		const uint8_t *frame = world->answer + at;
		const unsigned int opcode = frame[0] & 0xf;

		left = world->n_answer - at;
		if ((frame[0] & 0xf0) != 0x80 || (opcode != 2 && opcode < 8) ||
		    opcode > 10)
			abort();
		if (left < 2)
			return;
		size = frame[1] & 0x7f;
		if ((frame[1] & 0x80) != 0 || (opcode >= 8 && size > 125))
			abort();
		at += 2;
		if (size == 126) {
			if (left < 4)
				return;
			size = (size_t)(frame[2] << 8 | frame[3]);
			at += 2;
		} else if (size == 127) {
			return; /* larger than what is kept here */
		}
		if (size > world->n_answer - at)
			return;
		if (opcode == 8) {
			check_close(world->answer + at, size);
			if (at + size != world->n_answer)
				abort();
		}
		at += size;
	}
}

static struct world *
play(const uint8_t *data, size_t size, size_t piece, uint8_t choice)
{
	struct world *world = calloc(1, sizeof *world);
	const struct websocket_client client = {on_text, on_bytes, NULL,
	    on_ended, world};
	int pair[2];
	struct err err;

	if (world == NULL || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK |
	    SOCK_CLOEXEC, 0, pair) < 0 || websocket_new(&loop, pair[0],
	    1000000, &client, &world->websocket, &err) < 0)
		abort();
	world->holds = (choice & 0x10) != 0;
	world->frees = (choice & 0x20) != 0;
	for (size_t at = 0; at < size;) {
		const size_t n = size - at < piece ? size - at : piece;
		const ssize_t sent = send(pair[1], data + at, n,
		    MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent < 0 && errno != EAGAIN)
			break;
		at += sent > 0 ? (size_t)sent : 0;
		turn(world, pair[1]);
		if (sent < 0 && world->n_ends > 0)
			break;
		if (sent < 0) /* it reads no more, and has not closed yet */
			break;
	}
	turn(world, pair[1]);
	check_answer(world);
	close(pair[1]);
	turn(world, -1);
	if (world->n_ends != 1 && world->websocket != NULL)
		abort();
	websocket_free(world->websocket);
	close(pair[0]);
	return world;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool is_there;
	struct world *whole, *pieces;
	size_t piece;

	if (!is_there && loop_init(&loop) < 0)
		abort();
	is_there = true;
	if (size < 1 || size > INPUT_MAX)
		return 0;
	piece = size / 8 + data[0] % 16 + 1;
	whole = play(data + 1, size - 1, size, data[0]);
	pieces = play(data + 1, size - 1, piece, data[0]);
	if (!whole->frees && (whole->sum != pieces->sum ||
	    whole->n_told != pieces->n_told ||
	    whole->n_texts != pieces->n_texts || whole->n_told >
	    size + whole->n_texts))
		abort();
	free(whole);
	free(pieces);
	return 0;
}
