// SPDX-License-Identifier: Apache-2.0
#include "common/json_text.h"

#include <assert.h>
#include <string.h>

#include "common/utf8.h"

#define STRING(bytes) bytes, sizeof bytes - 1
#define BAD "\xef\xbf\xbd"

static void
test_first(void)
{
	static const struct {
		const char *data;
		size_t size;
		int expected;
	} rows[] = {
	    {STRING("a"), 1}, {STRING("\0"), 1}, {STRING("\xc3\xa9"), 2},
	    {STRING("\xe2\x82\xac"), 3}, {STRING("\xf0\x9f\x98\x80z"), 4},
	    {STRING("\xc3"), 0}, {STRING("\xe2\x82"), 0},
	    {STRING("\xf0\x9f\x98"), 0}, {STRING("\x80"), -1},
	    {STRING("\xff"), -1}, {STRING("\xc0\xaf"), -1},
	    {STRING("\xc3z"), -1}, {STRING("\xe2\x82z"), -2},
	    {STRING("\xed\xa0\x80"), -1}, {STRING("\xe0\x80\x80"), -1},
	    {STRING("\xf4\x90\x80\x80"), -1}, {STRING("\xf0\x9f\x98z"), -3},
	    {STRING("\xf5"), -1},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert(utf8_first((const uint8_t *)rows[i].data,
		    rows[i].size) == rows[i].expected);
}

static void
test_whole(void)
{
	assert(utf8_is_whole("", 0));
	assert(utf8_is_whole(STRING("a\0b\x7f\xc3\xa9\xf0\x9f\x98\x80z")));
	assert(!utf8_is_whole(STRING("a\xff z")));
	assert(!utf8_is_whole(STRING("\xc3\xa9\xe2\x82")));
	assert(!utf8_is_whole(STRING("\xed\xa0\x80")));
}

static void
test_strings(void)
{
	static const struct {
		const char *data;
		size_t size;
		const char *expected;
	} rows[] = {
	    {STRING(""), "\"\""},
	    {STRING("plain"), "\"plain\""},
	    {STRING("a\"b\\c/d"), "\"a\\\"b\\\\c/d\""},
	    {STRING("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\""},
	    {STRING("\0\x1b[0m\x7f"), "\"\\u0000\\u001b[0m\\u007f\""},
	    {STRING("\xc3\xa9\xf0\x9f\x98\x80"),
		"\"\xc3\xa9\xf0\x9f\x98\x80\""},
	    {STRING("a\xff\xfe z"), "\"a" BAD BAD " z\""},
	    {STRING("a\xe2\x82"), "\"a" BAD "\""},
	    {STRING("a\xe2\x82z"), "\"a" BAD "z\""},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		auto_json_text struct json_text text = {0};

		json_text_add_string(&text, rows[i].data, rows[i].size);
		assert(text.used == strlen(rows[i].expected));
		assert(memcmp(text.data, rows[i].expected, text.used) == 0);
	}
}

static void
test_others(void)
{
	static const char expected[] = "{\"n\":7,\"a\":\"x\",\"b\":\"AA==\","
	    "\"c\":\"AAE=\",\"d\":\"/wAB\"}";
	static const uint8_t bytes[] = {0xff, 0, 1};
	auto_json_text struct json_text text = {0};

	json_text_addf(&text, "{\"n\":%d", 7);
	json_text_add_member(&text, "a", "x");
	json_text_add_member(&text, "none", "");
	json_text_add(&text, ",\"b\":");
	json_text_add_base64(&text, bytes + 1, 1);
	json_text_add(&text, ",\"c\":");
	json_text_add_base64(&text, bytes + 1, 2);
	json_text_add(&text, ",\"d\":");
	json_text_add_base64(&text, bytes, 3);
	json_text_add(&text, "}");
	assert(text.used == sizeof expected - 1);
	assert(memcmp(text.data, expected, text.used) == 0);
}

int
main(void)
{
	test_first();
	test_whole();
	test_strings();
	test_others();
	return 0;
}
