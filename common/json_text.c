// SPDX-License-Identifier: Apache-2.0
#include "common/json_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/utf8.h"

#define FIRST_ROOM    1024
#define FORMATTED_MAX 256
#define REPLACEMENT   "\xef\xbf\xbd"

void
json_text_fini(struct json_text *text)
{
	free(text->data);
	*text = (struct json_text){0};
}

static void
add(struct json_text *text, const void *data, size_t size)
{
	size_t room = text->room > 0 ? text->room : FIRST_ROOM;
	char *larger;

	if (size == 0 || text->is_out_of_memory)
		return;
	while (room - text->used < size)
		room *= 2;
	if (room > text->room) {
		larger = realloc(text->data, room);
		if (larger == NULL) {
			text->is_out_of_memory = true;
			return;
		}
		text->data = larger;
		text->room = room;
	}
	memcpy(text->data + text->used, data, size);
	text->used += size;
}

void
json_text_add(struct json_text *text, const char *words)
{
	add(text, words, strlen(words));
}

void
json_text_addf(struct json_text *text, const char *fmt, ...)
{
	char words[FORMATTED_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof words, fmt, ap);
	va_end(ap);
	json_text_add(text, words);
}

/* Whether the character can stand in a string as it is. */
static bool
is_plain(uint8_t c)
{
	return c >= ' ' && c != '"' && c != '\\' && c != 0x7f;
}

static void
add_escaped(struct json_text *text, uint8_t c)
{
	static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	char escape[2] = {'\\', '\0'};

	for (size_t i = 0; letters[i] != '\0'; i += 2)
		if (letters[i] == (char)c)
			escape[1] = letters[i + 1];
	if (escape[1] != '\0')
		add(text, escape, sizeof escape);
	else
		json_text_addf(text, "\\u%04x", c);
}

void
json_text_add_string(struct json_text *text, const void *data, size_t size)
{
	const uint8_t *p = data, *end = p + size, *plain = p;

	json_text_add(text, "\"");
	while (p < end) {
		int n;

		while (p < end && *p < 0x80 && is_plain(*p))
			p++;
		if (p == end)
			break;
		n = utf8_first(p, (size_t)(end - p));
		if (n > 1) {
			p += n;
			continue;
		}
		add(text, plain, (size_t)(p - plain));
		if (n == 1)
			add_escaped(text, *p);
		else
			json_text_add(text, REPLACEMENT);
		/* What is incomplete at the end is replaced as one. */
		p = n == 0 ? end : p + abs(n);
		plain = p;
	}
	add(text, plain, (size_t)(p - plain));
	json_text_add(text, "\"");
}

void
json_text_add_base64(struct json_text *text, const uint8_t *data, size_t size)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";

	json_text_add(text, "\"");
	for (size_t i = 0; i < size; i += 3) {
		size_t left = size - i;
		uint32_t bits = (uint32_t)data[i] << 16 |
		    (uint32_t)(left > 1 ? data[i + 1] : 0) << 8 |
		    (uint32_t)(left > 2 ? data[i + 2] : 0);
		char four[4] = {digits[bits >> 18], digits[bits >> 12 & 63],
		    left > 1 ? digits[bits >> 6 & 63] : '=',
		    left > 2 ? digits[bits & 63] : '='};

		add(text, four, sizeof four);
	}
	json_text_add(text, "\"");
}

void
json_text_add_member(struct json_text *text, const char *name,
    const char *value)
{
	if (*value == '\0')
		return;
	json_text_add(text, ",");
	json_text_add_string(text, name, strlen(name));
	json_text_add(text, ":");
	json_text_add_string(text, value, strlen(value));
}
