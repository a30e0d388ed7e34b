// SPDX-License-Identifier: Apache-2.0
#include "keys/range.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

int
range_take_bytes(struct range *from, size_t size, struct range *ret)
{
	if (size > from->size)
		return -EBADMSG;
	*ret = (struct range){from->data, size};
	from->data += size;
	from->size -= size;
	return 0;
}

int
range_take_string(struct range *from, struct range *ret)
{
	struct range rest = *from;
	uint32_t size;

	if (range_take_u32(&rest, &size) < 0 ||
	    range_take_bytes(&rest, size, ret) < 0)
		return -EBADMSG;
	*from = rest;
	return 0;
}

int
range_take_u32(struct range *from, uint32_t *ret)
{
	struct range bytes;
	uint32_t big;

	if (range_take_bytes(from, sizeof big, &bytes) < 0)
		return -EBADMSG;
	memcpy(&big, bytes.data, sizeof big);
	*ret = be32toh(big);
	return 0;
}

int
range_take_u64(struct range *from, uint64_t *ret)
{
	struct range bytes;
	uint64_t big;

	if (range_take_bytes(from, sizeof big, &bytes) < 0)
		return -EBADMSG;
	memcpy(&big, bytes.data, sizeof big);
	*ret = be64toh(big);
	return 0;
}

bool
range_is(struct range range, const char *text)
{
	return range.size == strlen(text) &&
	    memcmp(range.data, text, range.size) == 0;
}

bool
range_equals(struct range a, struct range b)
{
	return a.size == b.size &&
	    (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}
