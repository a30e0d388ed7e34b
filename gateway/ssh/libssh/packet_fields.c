// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/libssh/packet_fields.h"

#include <arpa/inet.h>
#include <string.h>

bool
packet_skip(struct packet_reader *r, uint32_t n_bytes)
{
	if (r->n_bytes < n_bytes)
		return false;
	r->p += n_bytes;
	r->n_bytes -= n_bytes;
	return true;
}

bool
packet_read_bool(struct packet_reader *r, bool *ret)
{
	if (r->n_bytes < 1)
		return false;
	*ret = *r->p != 0;
	return packet_skip(r, 1);
}

bool
packet_read_u32(struct packet_reader *r, uint32_t *ret)
{
	uint32_t value;

	if (r->n_bytes < sizeof value)
		return false;
	memcpy(&value, r->p, sizeof value);
	*ret = ntohl(value);
	return packet_skip(r, sizeof value);
}

bool
packet_read_string(struct packet_reader *r, const uint8_t **ret,
    uint32_t *ret_size)
{
	if (!packet_read_u32(r, ret_size) || r->n_bytes < *ret_size)
		return false;
	*ret = r->p;
	return packet_skip(r, *ret_size);
}

bool
packet_read_text(struct packet_reader *r, char *text, size_t text_size)
{
	const uint8_t *data;
	uint32_t size;

	text[0] = '\0';
	if (!packet_read_string(r, &data, &size))
		return false;
	if (size >= text_size || memchr(data, 0, size) != NULL)
		return true;
	memcpy(text, data, size);
	text[size] = '\0';
	return true;
}

static void
put(struct packet_writer *w, const void *data, size_t size)
{
	if (size > sizeof w->data - w->size)
		w->is_full = true;
	if (w->is_full || size == 0)
		return;
	memcpy(w->data + w->size, data, size);
	w->size += size;
}

void
packet_put_u8(struct packet_writer *w, uint8_t value)
{
	put(w, &value, sizeof value);
}

void
packet_put_u32(struct packet_writer *w, uint32_t value)
{
	uint32_t wire = htonl(value);

	put(w, &wire, sizeof wire);
}

void
packet_put_string(struct packet_writer *w, const void *data, size_t size)
{
	if (size > UINT32_MAX - sizeof(uint32_t)) {
		w->is_full = true;
		return;
	}
	packet_put_u32(w, (uint32_t)size);
	put(w, data, size);
}

void
packet_put_text(struct packet_writer *w, const char *text)
{
	packet_put_string(w, text, strlen(text));
}
