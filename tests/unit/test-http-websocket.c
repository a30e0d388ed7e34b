// SPDX-License-Identifier: Apache-2.0
/*
 * A WebSocket at one end of a socket pair, in a real loop; the other end is
 * spoken to in bytes.
 */
#include "gateway/http/engine/websocket.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"

#define IDLE_MS 100000

static struct loop loop;

struct world {
	struct websocket *websocket;
	int ours, theirs; /* ends of the pair */
	char texts[4096];
	size_t n_bytes; /* of binary messages */
	uint64_t sum;	/* of them */
	int n_texts, n_rooms, n_ends;
	bool frees; /* in the next call */
};

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

	assert(strlen(text) == size || memchr(text, 0, size) != NULL);
	if (size < 1000)
		strcat(world->texts, text);
	world->n_texts++;
	maybe_free(world);
}

static void
on_bytes(void *arg, const void *data, size_t size)
{
	struct world *world = arg;

	world->n_bytes += size;
	for (size_t i = 0; i < size; i++)
		world->sum += ((const uint8_t *)data)[i];
	maybe_free(world);
}

static void
on_room(void *arg)
{
	((struct world *)arg)->n_rooms++;
}

static void
on_ended(void *arg)
{
	((struct world *)arg)->n_ends++;
	maybe_free(arg);
}

static struct world *
begin_idle(uint64_t idle_ms)
{
	struct world *world = calloc(1, sizeof *world);
	const struct websocket_client client = {on_text, on_bytes, on_room,
	    on_ended, world};
	struct err err;
	int pair[2];

	assert(world != NULL && socketpair(AF_UNIX, SOCK_STREAM |
	    SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == 0);
	world->ours = pair[0];
	world->theirs = pair[1];
	assert(websocket_new(&loop, pair[0], idle_ms, &client,
	    &world->websocket, &err) == 0);
	return world;
}

static struct world *
begin(void)
{
	return begin_idle(IDLE_MS);
}

static void
finish(struct world *world)
{
	websocket_free(world->websocket);
	close(world->ours);
	fd_close(&world->theirs);
	free(world);
}

static void
turn(void)
{
	for (int i = 0; i < 64; i++)
		loop_turn(&loop, 0);
}

/* A frame of a client: masked, which with zeros is no change. */
static void
give_frame(struct world *world, uint8_t head, const void *data, size_t size)
{
	uint8_t bytes[14] = {head, 0x80};
	size_t n = 2;

	if (size < 126) {
		bytes[1] |= (uint8_t)size;
	} else {
		bytes[1] |= 127;
		for (int i = 0; i < 8; i++)
			bytes[n++] = (uint8_t)((uint64_t)size >> (56 - 8 * i));
	}
	n += 4; /* the mask */
	assert(send(world->theirs, bytes, n, 0) == (ssize_t)n);
	for (size_t at = 0; at < size;) {
		ssize_t sent = send(world->theirs, (const char *)data + at,
		    size - at, 0);

		assert(sent > 0 || errno == EAGAIN);
		at += sent > 0 ? (size_t)sent : 0;
		turn();
	}
	turn();
}

static void
give(struct world *world, uint8_t head, const char *text)
{
	give_frame(world, head, text, strlen(text));
}

/* What has come of at most size bytes. */
static size_t
take(struct world *world, uint8_t *data, size_t size)
{
	ssize_t n;

	turn();
	n = recv(world->theirs, data, size, 0);
	return n > 0 ? (size_t)n : 0;
}

static void
expect(struct world *world, const char *bytes, size_t size)
{
	uint8_t data[512];

	assert(take(world, data, sizeof data) == size);
	assert(memcmp(data, bytes, size) == 0);
}

/* The close frame of a code, whatever it says more. */
static void
expect_close(struct world *world, unsigned int code)
{
	uint8_t data[512];

	assert(take(world, data, sizeof data) >= 4 && data[0] == 0x88);
	assert((unsigned int)(data[2] << 8 | data[3]) == code);
}

static void
test_messages(void)
{
	struct world *world = begin();

	give(world, 0x81, "one");
	give(world, 0x01, "tw"); /* in fragments, with a ping between them */
	give(world, 0x89, "p");
	give(world, 0x80, "o");
	assert(strcmp(world->texts, "onetwo") == 0 && world->n_texts == 2);
	expect(world, "\x8a\x01p", 3);
	give(world, 0x81, "");
	assert(world->n_texts == 3);
	give(world, 0x82, "ab");
	give(world, 0x02, "c");
	give(world, 0x00, "d");
	give(world, 0x80, "e");
	assert(world->n_bytes == 5 && world->sum == 'a' + 'b' + 'c' + 'd' +
	    'e');
	assert(websocket_send_text(world->websocket, "hello") == 0);
	assert(websocket_send_bytes(world->websocket, "\0\1", 2) == 0);
	expect(world, "\x81\x05hello\x82\x02\0\1", 11);
	give(world, 0x8a, "unasked");
	assert(world->n_ends == 0);

	/* The client closes, and is answered. */
	give(world, 0x88, "\x03\xe8");
	expect_close(world, WEBSOCKET_NORMAL);
	assert(world->n_ends == 1);
	assert(websocket_send_text(world->websocket, "late") == -EPIPE);
	finish(world);
}

static void
test_ours_closes(void)
{
	struct world *world = begin();
	char why[200], said[6];

	assert(websocket_send_text(world->websocket, "last") == 0);
	memset(why, 'x', sizeof why);
	memcpy(why + 122, "\xc3\xa9", 3); /* a character that is cut */
	websocket_close(world->websocket, WEBSOCKET_POLICY, why);
	give(world, 0x81, "not read any more");
	assert(world->n_texts == 0);
	assert(recv(world->theirs, said, 6, 0) == 6);
	assert(memcmp(said, "\x81\x04last", 6) == 0);
	expect_close(world, WEBSOCKET_POLICY);
	assert(world->n_ends == 0);
	give(world, 0x88, "\x03\xe8");
	assert(world->n_ends == 1);
	finish(world);
}

/* What is no frame of a client's, or no text. */
static void
test_nonsense(void)
{
	static const struct {
		const char *bytes;
		size_t size;
		unsigned int code;
	} bad[] = {
	    {"\x81\x01x", 3, 1002},		  /* not masked */
	    {"\xc1\x80\0\0\0\0", 6, 1002},	  /* a bit of an extension */
	    {"\x83\x80\0\0\0\0", 6, 1002},	  /* no opcode */
	    {"\x80\x80\0\0\0\0", 6, 1002},	  /* goes on from nothing */
	    {"\x09\x80\0\0\0\0", 6, 1002},	  /* a ping in fragments */
	    {"\x08\x82\0\0\0\0\x03\xe8", 8, 1002}, /* a close in them */
	    {"\x89\xfe\0\x7e\0\0\0\0", 8, 1002},  /* a ping of 126 bytes */
	    {"\x88\xff\0\0\0\0\0\0\0\1", 10, 1002}, /* a long close */
	    {"\x82\xfe\0\x7d\0\0\0\0", 8, 1002}, /* lengths in too many */
	    {"\x82\xff\0\0\0\0\0\0\xff\xff", 10, 1002},
	    {"\x82\xff\x80\0\0\0\0\0\0\0", 10, 1002},
	    {"\x81\x81\0\0\0\0\xff", 7, 1007},	  /* not UTF-8 */
	    {"\x88\x82\0\0\0\0\x03\xed", 8, 1002}, /* a code that is none */
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct world *world = begin();

		assert(send(world->theirs, bad[i].bytes, bad[i].size, 0) > 0);
		expect_close(world, bad[i].code);
		assert(world->n_texts == 0);
		fd_close(&world->theirs);
		turn();
		assert(world->n_ends == 1);
		finish(world);
	}
}

static void
test_limits(void)
{
	static char large[WEBSOCKET_TEXT_MAX + 1];
	struct world *world = begin();
	size_t n_sent = 0, n_frames;

	memset(large, 'x', sizeof large);
	give_frame(world, 0x82, large, sizeof large); /* bytes have none */
	assert(world->n_bytes == sizeof large);
	give_frame(world, 0x81, large, sizeof large - 1);
	assert(world->n_texts == 1);

	/* It is full, and then has room, once. */
	while (!websocket_is_full(world->websocket)) {
		assert(websocket_send_bytes(world->websocket, large,
		    16384) == 0);
		n_sent += 16384;
	}
	assert(n_sent == WEBSOCKET_ENOUGH && world->n_rooms == 0);
	turn();
	assert(world->n_rooms <= 1);
	while (n_sent > 0) {
		size_t n = take(world, (uint8_t *)large, sizeof large);

		assert(n > 0);
		n_sent -= n < n_sent ? n : n_sent;
	}
	assert(world->n_rooms == 1);

	/* Pings are answered, and bounded where nobody reads. */
	for (n_frames = 0; n_frames < 100000; n_frames++)
		if (send(world->theirs, "\x89\x80\0\0\0\0", 6, 0) < 6)
			break;
		else if (n_frames % 64 == 0)
			turn();
	turn();
	assert(n_frames < 100000);
	finish(world);

	world = begin();
	memset(large, 'x', sizeof large);
	give_frame(world, 0x81, large, sizeof large);
	expect_close(world, WEBSOCKET_TOO_BIG);
	finish(world);
}

/* One that is held reads nothing, but sees the client leave. */
static void
test_hold(void)
{
	struct world *world = begin();

	websocket_hold(world->websocket, true);
	give(world, 0x81, "x");
	assert(world->n_texts == 0);
	websocket_hold(world->websocket, false);
	turn();
	assert(world->n_texts == 1);
	websocket_hold(world->websocket, true);
	fd_close(&world->theirs);
	turn();
	assert(world->n_ends == 1);
	finish(world);
}

/* Freed by what it tells, whatever that is. */
static void
test_freed(void)
{
	for (int i = 0; i < 3; i++) {
		struct world *world = begin();

		world->frees = true;
		if (i == 0)
			give(world, 0x81, "x");
		else if (i == 1)
			give(world, 0x82, "x");
		else
			fd_close(&world->theirs);
		turn();
		assert(world->websocket == NULL);
		finish(world);
	}
}

/* Asked whether it is there, and gone where it says nothing. */
static void
test_silence(void)
{
	struct world *world = begin_idle(40);
	uint8_t data[16];

	give(world, 0x81, "x");
	while (take(world, data, sizeof data) == 0)
		loop_turn(&loop, 10);
	assert(data[0] == 0x89 && data[1] == 0);
	/* What reads without a word is none that is there: it may be TCP. */
	while (world->n_ends == 0) {
		loop_turn(&loop, 10);
		(void)take(world, data, sizeof data);
	}
	finish(world);
}

/* Pongs alone keep nobody. */
static void
test_wordless(void)
{
	struct world *world = begin_idle(100);
	uint8_t data[256];
	size_t n = 0;

	while (n == 0 || data[0] != 0x88) {
		if (n > 0)
			give(world, 0x8a, "");
		loop_turn(&loop, 10);
		n = take(world, data, sizeof data);
	}
	assert(data[2] == 1008 >> 8 && data[3] == (1008 & 0xff));
	finish(world);
}

static void
test_greeting(void)
{
	char accept[WEBSOCKET_ACCEPT_SIZE];

	assert(websocket_accept("dGhlIHNhbXBsZSBub25jZQ==", accept) == 0);
	assert(strcmp(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") == 0);
	assert(websocket_accept("", accept) < 0);
	assert(websocket_accept("dGhlIHNhbXBsZSBub25jZQ=", accept) < 0);
	assert(websocket_accept("dGhlIHNhbXBsZSBub25jZ===", accept) < 0);
	assert(websocket_accept("dGhlIHNhbXBsZSBub25jZQAA", accept) < 0);
	assert(websocket_has_word("keep-alive, Upgrade", "upgrade"));
	assert(websocket_has_word("upgrade", "upgrade"));
	assert(!websocket_has_word("upgrades,x", "upgrade"));
	assert(!websocket_has_word("", "upgrade"));
}

int
main(void)
{
	assert(loop_init(&loop) == 0);
	test_messages();
	test_ours_closes();
	test_nonsense();
	test_limits();
	test_hold();
	test_freed();
	test_silence();
	test_wordless();
	test_greeting();
	loop_fini(&loop);
	return 0;
}
