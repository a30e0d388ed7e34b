// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/record/cast.h"

#include <assert.h>
#include <string.h>

#define BAD "\xef\xbf\xbd"

static void
add(struct json_text *text, uint64_t time_ms, struct cast_rest *rest,
    const char *data)
{
	cast_add_bytes(text, time_ms, 'o', rest, (const uint8_t *)data,
	    strlen(data));
}

static void
expect(struct json_text *text, const char *expected)
{
	assert(text->used == strlen(expected));
	assert(memcmp(text->data, expected, text->used) == 0);
	text->used = 0;
}

int
main(void)
{
	auto_json_text struct json_text text = {0};
	struct cast_rest rest = {.n = 0};

	add(&text, 1234, &rest, "a\x1b[1m\r\n\"");
	expect(&text, "[1.234,\"o\",\"a\\u001b[1m\\r\\n\\\"\"]\n");

	/* A character in pieces comes out whole, wherever it is cut. */
	add(&text, 0, &rest, "x\xf0");
	expect(&text, "[0.000,\"o\",\"x\"]\n");
	add(&text, 1, &rest, "\x9f");
	add(&text, 2, &rest, "\x98");
	assert(text.used == 0 && rest.n == 3);
	add(&text, 3, &rest, "\x80y\xe2\x82");
	expect(&text, "[0.003,\"o\",\"\xf0\x9f\x98\x80y\"]\n");
	add(&text, 4, &rest, "\xac");
	expect(&text, "[0.004,\"o\",\"\xe2\x82\xac\"]\n");

	/* What turns out to be none, or never ends, is replaced. */
	add(&text, 5, &rest, "\xe2\x82");
	add(&text, 6, &rest, "z\xff");
	expect(&text, "[0.006,\"o\",\"" BAD "z" BAD "\"]\n");
	add(&text, 7, &rest, "\xc3");
	cast_add_rest(&text, 8, 'o', &rest);
	expect(&text, "[0.008,\"o\",\"" BAD "\"]\n");
	cast_add_rest(&text, 9, 'o', &rest);
	assert(text.used == 0);

	cast_add_resize(&text, 3600000, 120, 40);
	expect(&text, "[3600.000,\"r\",\"120x40\"]\n");
	cast_add_marker(&text, 61, "exit 0");
	expect(&text, "[0.061,\"m\",\"exit 0\"]\n");
	return 0;
}
