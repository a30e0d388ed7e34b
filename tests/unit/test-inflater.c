// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/files/inflater.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define TEXT_SIZE 300000

static unsigned char text[TEXT_SIZE], packed[TEXT_SIZE], got[2 * TEXT_SIZE];
static size_t n_packed, n_got;

/* One member of gzip at the end of packed. */
static void
pack(size_t size)
{
	z_stream stream = {.next_in = text, .avail_in = (uInt)size,
	    .next_out = packed + n_packed,
	    .avail_out = (uInt)(sizeof packed - n_packed)};

	assert(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8,
	    Z_DEFAULT_STRATEGY) == Z_OK);
	assert(deflate(&stream, Z_FINISH) == Z_STREAM_END);
	n_packed += stream.total_out;
	(void)deflateEnd(&stream);
}

static int
put(void *arg, const void *data, size_t size, struct err *err)
{
	(void)arg;
	if (n_got + size > sizeof got)
		return err_set(err, ENOSPC, "full");
	memcpy(got + n_got, data, size);
	n_got += size;
	return 0;
}

/* All of it in pieces; what inflater_take or inflater_end said. */
static int
inflate_all(size_t size, size_t piece)
{
	struct inflater *inflater;
	struct err err = {0};
	int r = 0;

	n_got = 0;
	assert(inflater_new(&inflater, &err) == 0);
	for (size_t at = 0; r == 0 && at < size; at += piece)
		r = inflater_take(inflater, packed + at,
		    size - at < piece ? size - at : piece, put, NULL, &err);
	if (r == 0)
		r = inflater_end(inflater, &err);
	assert(r == 0 || err.text[0] != '\0');
	inflater_free(inflater);
	return r;
}

static void
test_whole(void)
{
	n_packed = 0;
	pack(TEXT_SIZE);
	for (size_t piece = 1; piece <= TEXT_SIZE; piece = piece * 3 + 1) {
		assert(inflate_all(n_packed, piece) == 0);
		assert(n_got == TEXT_SIZE);
		assert(memcmp(got, text, TEXT_SIZE) == 0);
	}
	n_packed = 0;
	pack(0);
	assert(inflate_all(n_packed, 1) == 0 && n_got == 0);
}

/* As of several files that were joined. */
static void
test_members(void)
{
	n_packed = 0;
	pack(1000);
	pack(0);
	pack(65536);
	for (size_t piece = 1; piece < 2000; piece += 333) {
		assert(inflate_all(n_packed, piece) == 0);
		assert(n_got == 66536);
		assert(memcmp(got + 1000, text, 65536) == 0);
	}
}

static void
test_bad(void)
{
	n_packed = 0;
	pack(5000);
	for (size_t size = 0; size < n_packed; size += 7)
		assert(inflate_all(size, 100) == -EINVAL);
	packed[n_packed / 2] ^= 0x55;
	assert(inflate_all(n_packed, 100) == -EINVAL);
	packed[n_packed / 2] ^= 0x55;
	memcpy(packed + n_packed, "rubbish", 7);
	assert(inflate_all(n_packed + 7, 100) == -EINVAL);
	memcpy(packed, "plain text", 10);
	assert(inflate_all(10, 10) == -EINVAL);
}

/* Whoever takes no more ends it. */
static void
test_full(void)
{
	n_packed = 0;
	for (int i = 0; i < 3; i++)
		pack(TEXT_SIZE);
	assert(inflate_all(n_packed, 4096) == -ENOSPC);
}

int
main(void)
{
	for (size_t i = 0; i < TEXT_SIZE; i++)
		text[i] = (unsigned char)("abcdefgh"[i % 8] + i / 40000 +
		    (i % 97 == 0));
	test_whole();
	test_members();
	test_bad();
	test_full();
	return 0;
}
