// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/terminal/filter.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* What came out: text as it is, sequences in <>, strings in {}. */
static char out[4096];

static void
add(const char *before, const uint8_t *data, size_t size, const char *after)
{
	size_t used = strlen(out);

	snprintf(out + used, sizeof out - used, "%s%.*s%s", before, (int)size,
	    (const char *)data, after);
}

static void
take_text(const uint8_t *data, size_t size, void *user)
{
	(void)user;
	assert(size > 0);
	add("", data, size, "");
}

static void
take_sequence(const uint8_t *data, size_t size, void *user)
{
	(void)user;
	assert(data[0] == '\033' && data[size] == '\0');
	add("<", data + 1, size - 1, ">");
}

static void
take_string(char kind, const uint8_t *data, size_t size, void *user)
{
	char before[3] = {'{', kind};

	(void)user;
	add(before, data, size, "}");
}

static const struct filter_sink sink = {take_text, take_sequence, take_string};

static const struct {
	const char *in, *out;
} cases[] = {
    {"plain\r\n", "plain\r\n"},
    {"a\033[31mb", "a<[31m>b"},
    {"\033(0\033=\0337\033#8", "<(0><=><7><#8>"},
    {"\033]2;title\007x", "{]2;title}x"},
    {"\033]2;title\033\\x", "{]2;title}x"},
    {"\033P$qm\033\\", "{P$qm}"},
    {"\033_apc\033\\\033^pm\033\\\033Xsos\033\\y", "{_apc}{^pm}{Xsos}y"},
    {"\033]2;cut off\033[1mx", "<[1m>x"},
    {"\033]2;a\033\033[1mx", "<[1m>x"},
    {"\033[3\030m", "m"},
    {"\033[3\r1m", "\r<[31m>"},
    {"\033\033[1m", "<[1m>"},
    {"\033[123456B\033[00001C\033[0m\033[9999;10000H",
	"<[9999B><[1C><[0m><[9999;9999H>"},
    {"\033[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15m",
	"<[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15m>"},
    {"\033[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16mx", "x"},
    {"\033[1:2:3:4:5:6:7:8:9:10:11:12:13:14:15:16mx", "x"},
    /* Where libvterm would see something else than we do. */
    {"\033([x\033[1<2mx\033[ 1mx\033[\200x", "xxxx"},
    {"\xc3\xa4\xe6\x97\xa5\xf0\x9f\x98\x80",
	"\xc3\xa4\xe6\x97\xa5\xf0\x9f\x98\x80"},
    {"\xc3x\xff\xc0\xaf\xed\xa0\x80", "\xef\xbf\xbdx\xef\xbf\xbd\xef\xbf\xbd"
	"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    {"\xe6\x97\033[m", "\xef\xbf\xbd<[m>"},
    {"\xc2\x9b" "31m", "\xef\xbf\xbd\xef\xbf\xbd" "31m"},
};

/* The same, however it is cut. */
static void
check(const char *in, const char *wanted)
{
	size_t size = strlen(in);

	for (size_t step = 1; step <= size; step++) {
		struct filter filter = {0};

		out[0] = '\0';
		for (size_t i = 0; i < size; i += step)
			filter_write(&filter, (const uint8_t *)in + i,
			    size - i < step ? size - i : step, &sink, NULL);
		if (strcmp(out, wanted) != 0)
			fprintf(stderr, "by %zu: '%s' is not '%s'\n", step, out,
			    wanted);
		assert(strcmp(out, wanted) == 0);
	}
}

static void
test_long(void)
{
	static uint8_t bytes[3 * FILTER_STRING_MAX];
	struct filter filter = {0};

	out[0] = '\0';
	memset(bytes, 'x', sizeof bytes);
	filter_write(&filter, (const uint8_t *)"\033]2;", 4, &sink, NULL);
	filter_write(&filter, bytes, sizeof bytes, &sink, NULL);
	filter_write(&filter, (const uint8_t *)"\007y", 2, &sink, NULL);
	assert(strcmp(out, "y") == 0);
	memset(bytes, '1', sizeof bytes);
	filter_write(&filter, (const uint8_t *)"\033[", 2, &sink, NULL);
	filter_write(&filter, bytes, sizeof bytes, &sink, NULL);
	filter_write(&filter, (const uint8_t *)"mz", 2, &sink, NULL);
	assert(strcmp(out, "yz") == 0);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check(cases[i].in, cases[i].out);
	test_long();
	return 0;
}
