// SPDX-License-Identifier: Apache-2.0
/*
 * Text of a stranger in a table of the command line: what is shown of it is
 * whole UTF-8 without anything that a terminal obeys or that turns a line, and
 * shown again it stays as it is.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/plain.h"
#include "common/utf8.h"

#define SHOWN_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Of two bytes: U+0080 to U+009F; of three: U+200B to U+206F but for dashes and
 * the like, which are harmless. */
static void
check(const char *shown)
{
	const uint8_t *at = (const uint8_t *)shown;
	size_t left = strlen(shown);

	while (left > 0) {
		int n = utf8_first(at, left);

		if (n <= 0 || at[0] < ' ' || at[0] == 0x7f ||
		    (n == 2 && at[0] == 0xc2 && at[1] < 0xa0) ||
		    (n == 3 && at[0] == 0xe2 && at[1] == 0x80 &&
		    at[2] >= 0xaa && at[2] <= 0xae))
			abort();
		at += n;
		left -= (size_t)n;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char shown[SHOWN_MAX], again[SHOWN_MAX], one[PLAIN_SIZE];
	char *text = malloc(size + 1);
	size_t used = 0;

	if (text == NULL)
		abort();
	while (used < size) {
		size_t n = plain_first((const char *)data + used, size - used,
		    one);

		if (n == 0 || n > size - used || one[0] == '\0')
			abort();
		check(one);
		used += n;
	}
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	plain_copy(shown, sizeof shown, text);
	check(shown);
	plain_copy(again, sizeof again, shown);
	if (strcmp(shown, again) != 0)
		abort();
	free(text);
	return 0;
}
