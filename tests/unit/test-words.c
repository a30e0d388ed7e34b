// SPDX-License-Identifier: Apache-2.0
#include "gateway/lobby/words.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define FIELDS_MAX 6

static char *argv[WORDS_MAX + 1];

/* A line and its words, or what the error must name. */
static const struct {
	const char *line;
	const char *words[FIELDS_MAX];
	const char *error;
} rows[] = {
    {"", {NULL}, NULL},
    {" \t ", {NULL}, NULL},
    {"list", {"list"}, NULL},
    {"  get   sb_1\tsb_2 ", {"get", "sb_1", "sb_2"}, NULL},
    {"create --name 'a b'", {"create", "--name", "a b"}, NULL},
    {"a\"b c\"'d e'f", {"ab cd ef"}, NULL},
    {"'' \"\" x", {"", "", "x"}, NULL},
    {"a\\ b \\' \\\" \\\\ \\n", {"a b", "'", "\"", "\\", "n"}, NULL},
    {"\"\\\" \\\\ \\$ \\` \\n\"", {"\" \\ $ ` \\n"}, NULL},
    {"'|;$`\\'", {"|;$`\\"}, NULL},
    {"\"a;b|c\"", {"a;b|c"}, NULL},
    {"\\;", {";"}, NULL},
    {"*.c ~ # [x] {y}", {"*.c", "~", "#", "[x]", "{y}"}, NULL},
    {"caf\xc3\xa9 \x01", {"caf\xc3\xa9", "\x01"}, NULL},
    {"a'b", {NULL}, "a ' has no counterpart"},
    {"a \"b\\\"", {NULL}, "a \" has no counterpart"},
    {"a\\", {NULL}, "nothing behind it"},
    {"list; destroy x", {NULL}, "';' must be quoted"},
    {"list | wc", {NULL}, "'|' must be quoted"},
    {"x $(y)", {NULL}, "'$' must be quoted"},
    {"\"$HOME\"", {NULL}, "'$' must be quoted"},
    {"\"`x`\"", {NULL}, "'`' must be quoted"},
    {"a&b", {NULL}, "'&' must be quoted"},
    {"a >b", {NULL}, "'>' must be quoted"},
    {"key add - <f", {NULL}, "'<' must be quoted"},
    {"(a)", {NULL}, "'(' must be quoted"},
    {"list\nlist", {NULL}, "one command a line"},
};

static void
test_rows(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct err err = {0};
		char line[128];
		int n = -1, r;

		snprintf(line, sizeof line, "%s", rows[i].line);
		r = words_split(line, argv, &n, &err);
		if (rows[i].error != NULL) {
			assert(r == -EINVAL && n == -1);
			assert(strstr(err.text, rows[i].error) != NULL);
			continue;
		}
		assert(r == 0 && argv[n] == NULL);
		for (int w = 0; w < n; w++)
			assert(rows[i].words[w] != NULL &&
			    strcmp(argv[w], rows[i].words[w]) == 0);
		assert(rows[i].words[n] == NULL);
	}
}

static void
test_many(void)
{
	static char line[2 * WORDS_MAX + 3];
	struct err err = {0};
	int n;

	for (int i = 0; i < WORDS_MAX; i++)
		memcpy(line + 2 * i, "a ", 2);
	assert(words_split(line, argv, &n, &err) == 0 && n == WORDS_MAX);
	for (int i = 0; i < WORDS_MAX + 1; i++)
		memcpy(line + 2 * i, "a ", 2);
	assert(words_split(line, argv, &n, &err) == -EINVAL);
	assert(strcmp(err.text, "more than 1024 words") == 0);
}

int
main(void)
{
	test_rows();
	test_many();
	return 0;
}
