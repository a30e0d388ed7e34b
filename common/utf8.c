// SPDX-License-Identifier: Apache-2.0
#include "common/utf8.h"

#include <string.h>

/* What the second byte may be, by the first: the rest is always 80..BF. */
static const struct {
	uint8_t first, last, size, low, high;
} heads[] = {
    {0x00, 0x7f, 1, 0, 0},
    {0xc2, 0xdf, 2, 0x80, 0xbf},
    {0xe0, 0xe0, 3, 0xa0, 0xbf}, /* no longer than need be */
    {0xe1, 0xec, 3, 0x80, 0xbf},
    {0xed, 0xed, 3, 0x80, 0x9f}, /* no surrogates */
    {0xee, 0xef, 3, 0x80, 0xbf},
    {0xf0, 0xf0, 4, 0x90, 0xbf},
    {0xf1, 0xf3, 4, 0x80, 0xbf},
    {0xf4, 0xf4, 4, 0x80, 0x8f}, /* up to U+10FFFF */
};

int
utf8_first(const uint8_t *data, size_t size)
{
	size_t row = 0;

	while (row < sizeof heads / sizeof *heads &&
	    (data[0] < heads[row].first || data[0] > heads[row].last))
		row++;
	if (row == sizeof heads / sizeof *heads)
		return -1;
	for (size_t i = 1; i < heads[row].size; i++) {
		uint8_t low = i == 1 ? heads[row].low : 0x80;
		uint8_t high = i == 1 ? heads[row].high : 0xbf;

		if (i == size)
			return 0;
		if (data[i] < low || data[i] > high)
			return -(int)i;
	}
	return heads[row].size;
}

bool
utf8_is_whole(const void *data, size_t size)
{
	const uint8_t *p = data, *end = p + size;

	while (p < end) {
		int n = *p < 0x80 ? 1 : utf8_first(p, (size_t)(end - p));

		if (n <= 0)
			return false;
		p += n;
	}
	return true;
}

void
utf8_copy(char *ret, size_t room, const char *text)
{
	const uint8_t *p = (const uint8_t *)text;
	size_t left = strlen(text), used = 0;

	while (left > 0) {
		int n = utf8_first(p, left);
		size_t size = (size_t)(n > 0 ? n : n < 0 ? -n : (int)left);

		if (used + 4 >= room)
			break;
		memcpy(ret + used, n > 0 ? (const char *)p : "\xef\xbf\xbd",
		    n > 0 ? size : 3);
		used += n > 0 ? size : 3;
		p += size;
		left -= size;
	}
	ret[used] = '\0';
}
