// SPDX-License-Identifier: Apache-2.0
/*
 * The data types of RFC 4251, section 5, read from and written to the payload
 * of a packet. Nothing is copied on reading: what is found points into the
 * packet.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is left of a packet; n_bytes never passes its end. */
struct packet_reader {
	const uint8_t *p;
	uint32_t n_bytes;
};

/* All of these return false where too little is left. */
bool packet_skip(struct packet_reader *reader, uint32_t n_bytes);
bool packet_read_bool(struct packet_reader *reader, bool *ret);
bool packet_read_u32(struct packet_reader *reader, uint32_t *ret);
bool packet_read_string(struct packet_reader *reader, const uint8_t **ret,
    uint32_t *ret_size);

/*
 * Copies a string to text[size] with a terminator. A string that does not fit
 * or holds a NUL reads as "": true, and false only at the packet's end.
 */
bool packet_read_text(struct packet_reader *reader, char *text, size_t size);

/* Most bytes of a packet that is written here: no larger one is needed. */
#define PACKET_WRITER_MAX 8192

/* A packet in the making. What does not fit sets is_full and is left out. */
struct packet_writer {
	uint8_t data[PACKET_WRITER_MAX];
	size_t size;
	bool is_full;
};

void packet_put_u8(struct packet_writer *writer, uint8_t value);
void packet_put_u32(struct packet_writer *writer, uint32_t value);
void packet_put_string(struct packet_writer *writer, const void *data,
    size_t size);
void packet_put_text(struct packet_writer *writer, const char *text);
