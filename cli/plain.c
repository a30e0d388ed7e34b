// SPDX-License-Identifier: Apache-2.0
#include "cli/plain.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/utf8.h"

/* Neither shown nor harmless: directions, ends of lines, invisible marks. */
static const struct {
	uint32_t first, last;
} hidden[] = {
    {0x061c, 0x061c}, {0x200b, 0x200b}, {0x200e, 0x200f}, {0x2028, 0x202e},
    {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f},
};

static bool
is_hidden(uint32_t c)
{
	for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
		if (c >= hidden[i].first && c <= hidden[i].last)
			return true;
	return false;
}

static bool
is_control(uint32_t c)
{
	return c < ' ' || (c >= 0x7f && c < 0xa0);
}

/* The character of `size` bytes that are one. */
static uint32_t
decode(const uint8_t *data, size_t size)
{
	uint32_t c = size == 1 ? data[0] : data[0] & (0xffu >> (size + 1));

	for (size_t i = 1; i < size; i++)
		c = c << 6 | (data[i] & 0x3f);
	return c;
}

size_t
plain_first(const char *text, size_t size, char shown[PLAIN_SIZE])
{
	const uint8_t *data = (const uint8_t *)text;
	int n = utf8_first(data, size);
	uint32_t c = n > 0 ? decode(data, (size_t)n) : data[0];

	if (n <= 0 || is_control(c))
		snprintf(shown, PLAIN_SIZE, "\\x%02x", c);
	else if (is_hidden(c))
		snprintf(shown, PLAIN_SIZE, "\\u%04x", c);
	else
		snprintf(shown, PLAIN_SIZE, "%.*s", n, text);
	return n > 0 ? (size_t)n : 1;
}

void
plain_copy(char *to, size_t to_size, const char *text)
{
	size_t left = strlen(text), used = 0, n;
	char shown[PLAIN_SIZE];

	to[0] = '\0';
	while (left > 0) {
		n = plain_first(text, left, shown);
		if (used + strlen(shown) >= to_size)
			return;
		memcpy(to + used, shown, strlen(shown) + 1);
		used += strlen(shown);
		text += n;
		left -= n;
	}
}
