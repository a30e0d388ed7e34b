// SPDX-License-Identifier: Apache-2.0
#include <assert.h>
#include <string.h>

#include "gateway/ssh/libssh/packet_fields.h"

static struct packet_reader
reader_of(const struct packet_writer *w, size_t n_bytes)
{
	assert(n_bytes <= w->size);
	return (struct packet_reader){w->data, (uint32_t)n_bytes};
}

static bool
read_all(struct packet_reader r)
{
	char text[16];
	uint32_t n;
	bool is_set;

	return packet_read_text(&r, text, sizeof text) &&
	    strcmp(text, "localhost") == 0 && packet_read_u32(&r, &n) &&
	    n == 0x01020304 && packet_read_bool(&r, &is_set) && is_set &&
	    packet_read_text(&r, text, sizeof text) && text[0] == '\0' &&
	    r.n_bytes == 0;
}

int
main(void)
{
	static struct packet_writer w, full;
	struct packet_reader r;
	char text[4], large[PACKET_WRITER_MAX];

	packet_put_text(&w, "localhost");
	packet_put_u32(&w, 0x01020304);
	packet_put_u8(&w, 7);
	packet_put_string(&w, "a\0b", 3); /* a NUL inside: reads as "" */
	assert(w.size == 13 + 4 + 1 + 7 && !w.is_full);
	assert(memcmp(w.data, "\0\0\0\x09localhost\1\2\3\4\7\0\0\0\3a\0b",
	    w.size) == 0);
	assert(read_all(reader_of(&w, w.size)));
	/* Cut anywhere, it is refused. */
	for (size_t n = 0; n < w.size; n++)
		assert(!read_all(reader_of(&w, n)));
	/* What does not fit the caller's memory reads as "" too. */
	r = reader_of(&w, w.size);
	assert(packet_read_text(&r, text, sizeof text) && text[0] == '\0');
	/* A length beyond the end. */
	r = (struct packet_reader){(const uint8_t *)"\xff\xff\xff\xff.", 5};
	assert(!packet_read_text(&r, text, sizeof text));

	memset(large, 'x', sizeof large);
	packet_put_string(&full, large, sizeof large);
	assert(full.is_full && full.size == 4);
	packet_put_u8(&full, 1);
	assert(full.size == 4);
	return 0;
}
