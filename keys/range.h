// SPDX-License-Identifier: Apache-2.0
/* RFC 4251 data read from its front, lengths checked. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that are somebody else's. */
struct range {
	const uint8_t *data;
	size_t size;
};

/* Each takes one value off the front of *from: 0, or -EBADMSG and *from is as
 * it was. The string points into what *from did. */
int range_take_bytes(struct range *from, size_t size, struct range *ret);
int range_take_string(struct range *from, struct range *ret);
int range_take_u32(struct range *from, uint32_t *ret);
int range_take_u64(struct range *from, uint64_t *ret);

/* Whether it holds exactly this text, or these bytes. */
bool range_is(struct range range, const char *text);
bool range_equals(struct range a, struct range b);
