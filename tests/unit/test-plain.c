// SPDX-License-Identifier: Apache-2.0
#include "cli/plain.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

int
main(void)
{
	static const struct {
		const char *text, *shown;
	} cases[] = {
	    {"", ""},
	    {"plain text, ~", "plain text, ~"},
	    {"caf\xc3\xa9 \xe5\x90\x8d \xf0\x9f\x98\x80",
		"caf\xc3\xa9 \xe5\x90\x8d \xf0\x9f\x98\x80"},
	    {"\033[2J\n\t\177", "\\x1b[2J\\x0a\\x09\\x7f"},
	    {"\xc2\x9b" "2J", "\\x9b2J"},		/* U+009B */
	    {"\xc2\x80\xc2\x9f\xc2\xa0", "\\x80\\x9f\xc2\xa0"},
	    {"\x9b" "2J", "\\x9b2J"},		/* the byte alone */
	    {"a\xe2\x80\xae" "b", "a\\u202eb"},	/* right to left */
	    {"\xe2\x81\xa6x\xe2\x81\xa9", "\\u2066x\\u2069"},
	    {"\xd8\x9c\xe2\x80\x8f", "\\u061c\\u200f"},
	    {"\xe2\x80\xa8", "\\u2028"},
	    {"\xf3\xa0\x80\x81", "\\ue0001"},
	    {"\xe2\x80", "\\xe2\\x80"},		/* not whole */
	    {"\xc0\x9b\xed\xa0\x80", "\\xc0\\x9b\\xed\\xa0\\x80"},
	};
	char shown[256];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		plain_copy(shown, sizeof shown, cases[i].text);
		if (strcmp(shown, cases[i].shown) != 0) {
			fprintf(stderr, "%zu: %s\n", i, shown);
			return 1;
		}
	}
	/* Cut between characters and never within an escape. */
	plain_copy(shown, 4, "ab\xc3\xa9");
	assert(strcmp(shown, "ab") == 0);
	plain_copy(shown, 5, "a\xc2\x9b");
	assert(strcmp(shown, "a") == 0);
	return 0;
}
