// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/engine/frame_heads.h"

#define FIN	    0x80
#define CONTROL	    0x08
#define MASKED	    0x80
#define CONTROL_MAX 125
#define MASK_BYTES  4

/* The head goes on behind its length, or its payload begins, or the next. */
static void
go_on(struct frame_heads *heads)
{
	if (heads->step < HEAD_MASK && heads->is_masked) {
		heads->step = HEAD_MASK;
		heads->n_left = MASK_BYTES;
	} else {
		heads->step = heads->payload_left > 0 ? HEAD_PAYLOAD :
		    HEAD_FIRST;
	}
}

static const char *
read_second(struct frame_heads *heads, uint8_t byte)
{
	const uint8_t length = byte & 0x7f;

	if (heads->is_control && length > CONTROL_MAX)
		return "a control frame may have 125 bytes";
	heads->is_masked = (byte & MASKED) != 0;
	heads->payload_left = length <= CONTROL_MAX ? length : 0;
	heads->n_length = length == 127 ? 8 : length == 126 ? 2 : 0;
	heads->n_left = heads->n_length;
	if (heads->n_length > 0)
		heads->step = HEAD_LENGTH;
	else
		go_on(heads);
	return NULL;
}

static const char *
read_length(struct frame_heads *heads, uint8_t byte)
{
	heads->payload_left = heads->payload_left << 8 | byte;
	if (--heads->n_left > 0)
		return NULL;
	if (heads->payload_left < (heads->n_length == 2 ? 126 : 65536) ||
	    heads->payload_left >> 63 != 0)
		return "a length must be in as few bytes as it fits";
	go_on(heads);
	return NULL;
}

/* NULL, or what is wrong. */
static const char *
read_byte(struct frame_heads *heads, uint8_t byte)
{
	switch (heads->step) {
	case HEAD_FIRST:
		heads->is_control = (byte & CONTROL) != 0;
		if (heads->is_control && (byte & FIN) == 0)
			return "a control frame may not be in fragments";
		heads->step = HEAD_SECOND;
		return NULL;
	case HEAD_SECOND:
		return read_second(heads, byte);
	case HEAD_LENGTH:
		return read_length(heads, byte);
	case HEAD_MASK:
	case HEAD_PAYLOAD:
	default:
		if (--heads->n_left == 0)
			go_on(heads);
		return NULL;
	}
}

size_t
frame_heads_read(struct frame_heads *heads, const uint8_t *data, size_t size,
    const char **ret_problem)
{
	size_t at = 0;

	while (at < size) {
		if (heads->step == HEAD_PAYLOAD) {
			const size_t n = heads->payload_left < size - at ?
			    (size_t)heads->payload_left : size - at;

			at += n;
			heads->payload_left -= n;
			if (heads->payload_left == 0)
				heads->step = HEAD_FIRST;
			continue;
		}
		*ret_problem = read_byte(heads, data[at]);
		if (*ret_problem != NULL)
			break;
		at++;
	}
	return at;
}
