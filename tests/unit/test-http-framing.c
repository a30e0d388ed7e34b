// SPDX-License-Identifier: Apache-2.0
/*
 * What passes and what does not, whole and byte by byte: that has to be the
 * same.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/http/engine/framing.h"

#define GET    "GET /a?b=c HTTP/1.1\r\nHost: x\r\n"
#define POST   "POST /a HTTP/1.1\r\nHost: x\r\n"
#define CHUNKS POST "Transfer-Encoding: chunked\r\n\r\n"

static const struct {
	const char *bytes;
	unsigned int n_requests; /* that end in it */
} good[] = {
    {GET "\r\n", 1},
    {GET "\r\n" GET "\r\n" GET "\r\n", 3},
    {"GET / HTTP/1.0\r\n\r\n", 1},
    {GET "A:\r\nB:  c \td\r\nC: \xff\r\n\r\n", 1},
    {POST "content-length: 5\r\n\r\nGET /" GET "\r\n", 2},
    {POST "Content-Length:   05\r\n\r\n\r\n\r\n." GET "\r\n", 2},
    {POST "Content-Length: 0\r\n\r\n" GET "\r\n", 2},
    {CHUNKS "5\r\nGET /\r\n0A\r\n0123456789\r\n0\r\n\r\n" GET "\r\n", 2},
    {POST "Transfer-Encoding: ChunKed\r\n\r\n0\r\n\r\n", 1},
};

static const char *const bad[] = {
    /* where the body ends */
    POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
    POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\n",
    POST "Content-Length: 5, 5\r\n\r\n",
    POST "Content-Length: +5\r\n\r\n",
    POST "Content-Length: -5\r\n\r\n",
    POST "Content-Length: 5 \r\n\r\n",
    POST "Content-Length: 5 5\r\n\r\n",
    POST "Content-Length:\t5\r\n\r\n",
    POST "Content-Length: 0x5\r\n\r\n",
    POST "Content-Length:\r\n\r\n",
    POST "Content-Length: 1000000000000000000\r\n\r\n",
    POST "Content-Length:\r\n 5\r\n\r\n",
    POST "A: b\r\n\tContent-Length: 5\r\n\r\n",
    POST "Content-Length : 5\r\n\r\n",
    POST " Content-Length: 5\r\n\r\n",
    POST "Transfer-Encoding: identity\r\n\r\n",
    POST "Transfer-Encoding: gzip, chunked\r\n\r\n",
    POST "Transfer-Encoding: chunked, chunked\r\n\r\n",
    POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
    POST "Transfer-Encoding:\x0b" "chunked\r\n\r\n",
    "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
    /* lines */
    "GET / HTTP/1.1\nHost: x\n\n",
    GET "A: b\nB: c\r\n\r\n",
    GET "A: b\rB: c\r\n\r\n",
    GET "\n",
    GET "\r\r\n",
    "\r\n" GET "\r\n",
    GET "no colon\r\n\r\n",
    GET ": b\r\n\r\n",
    GET "A(b): c\r\n\r\n",
    GET "A: b\x01\r\n\r\n",
    GET "Host: y\r\n\r\n",
    /* the first line */
    "GET /\r\n\r\n",
    "GET  / HTTP/1.1\r\n\r\n",
    "GET / / HTTP/1.1\r\n\r\n",
    "GET / HTTP/1.1 \r\n\r\n",
    "GET / HTTP/1.2\r\n\r\n",
    "GET / HTTP/01.1\r\n\r\n",
    "GET /\t HTTP/1.1\r\n\r\n",
    "GET /a%00b HTTP/1.1\r\n\r\n",
    "GET /?a=b%00 HTTP/1.1\r\n\r\n",
    "G(T / HTTP/1.1\r\n\r\n",
    " / HTTP/1.1\r\n\r\n",
    "\x16\x03\x01\x02\r\n\r\n",
    /* chunks */
    CHUNKS "5\nabcde\r\n",
    CHUNKS "5\r\nabcdef\r\n",
    CHUNKS "5\r\nabcde\n",
    CHUNKS "5\r\nabcde\rx",
    CHUNKS "5 \r\nabcde\r\n",
    CHUNKS " 5\r\nabcde\r\n",
    CHUNKS "+5\r\nabcde\r\n",
    CHUNKS "0x5\r\nabcde\r\n",
    CHUNKS "5;a=b\r\nabcde\r\n",
    CHUNKS "\r\n\r\n",
    CHUNKS "fffffffffffffffff\r\n",
    CHUNKS "10000000000000005\r\nabcde\r\n",
    CHUNKS "g\r\n",
    CHUNKS "0\r\nTrailer: x\r\n\r\n",
    CHUNKS "0\r\n\n",
};

/* Gives it in pieces; returns how much of it passes. */
static size_t
take(struct framing *framing, const char *bytes, size_t size, size_t piece)
{
	size_t passed = 0, given = 0;

	*framing = (struct framing){0};
	while (given < size && framing->problem == NULL) {
		given += size - given < piece ? size - given : piece;
		passed += framing_take(framing, bytes + passed,
		    given - passed);
		assert(passed <= given);
	}
	return passed;
}

static void
test_good(void)
{
	struct framing framing;

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		size_t size = strlen(good[i].bytes);

		for (size_t piece = 1; piece <= size; piece++) {
			assert(take(&framing, good[i].bytes, size, piece) ==
			    size);
			assert(framing.problem == NULL);
			assert(framing.state == FRAMING_HEAD);
			assert(framing.n_requests == good[i].n_requests);
		}
	}
}

/* Closed, what has passed is whole requests. */
static void
check_closed(struct framing *framing, const char *bytes, size_t passed)
{
	uint64_t n = framing->n_requests;
	const char *close = framing_close(framing);
	char whole[512];
	struct framing again;
	int size = snprintf(whole, sizeof whole, "%.*s%s", (int)passed, bytes,
	    close);

	assert(framing->n_requests - n <= 1);
	assert(take(&again, whole, (size_t)size, (size_t)size) ==
	    (size_t)size);
	assert(again.problem == NULL && again.state == FRAMING_HEAD);
	assert(again.n_requests == framing->n_requests);
}

static void
test_bad(void)
{
	struct framing framing;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		size_t size = strlen(bad[i]);
		size_t passed = take(&framing, bad[i], size, size);

		if (framing.problem == NULL) {
			fprintf(stderr, "passed: %s\n", bad[i]);
			abort();
		}
		for (size_t piece = 1; piece < size; piece++) {
			assert(take(&framing, bad[i], size, piece) == passed);
			assert(framing.problem != NULL);
		}
		check_closed(&framing, bad[i], passed);
	}
}

static void
test_long_head(void)
{
	char head[FRAMING_HEAD_MAX + 1];
	struct framing framing;

	memset(head, 'a', sizeof head);
	memcpy(head, "GET /", 5);
	assert(take(&framing, head, sizeof head - 1, sizeof head) == 0);
	assert(framing.problem == NULL);
	assert(take(&framing, head, sizeof head, sizeof head) == 0);
	assert(framing.problem != NULL);
}

static void
test_free_bytes(void)
{
	static const char head[] = POST "Content-Length: 5000000000\r\n\r\n";
	struct framing framing;

	(void)take(&framing, head, sizeof head - 1, sizeof head);
	assert(framing_free_bytes(&framing) == 5000000000);
	framing_skip(&framing, 4999999999);
	assert(framing_free_bytes(&framing) == 1);
	assert(framing_take(&framing, "x" GET, 3) == 1);
	assert(framing_free_bytes(&framing) == 0);
	assert(framing.state == FRAMING_HEAD);
}

int
main(void)
{
	test_good();
	test_bad();
	test_long_head();
	test_free_bytes();
	return 0;
}
