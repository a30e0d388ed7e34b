// SPDX-License-Identifier: Apache-2.0
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/lobby/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* 'word' for each, a ' in it as '\'': what any shell reads back. */
static size_t
quote(char **argv, int n, char *out)
{
	char *start = out;

	for (int i = 0; i < n; i++) {
		*out++ = '\'';
		for (const char *c = argv[i]; *c != '\0'; c++) {
			if (*c == '\'') {
				memcpy(out, "'\\'", 3);
				out += 3;
			}
			*out++ = *c;
		}
		*out++ = '\'';
		*out++ = ' ';
	}
	*out = '\0';
	return (size_t)(out - start);
}

/* Words lie within the text in order, and quoting them gives them again. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char *words[WORDS_MAX + 1], *again[WORDS_MAX + 1];
	char *text = malloc(size + 1), *quoted, *end;
	struct err err = {0};
	int n, m;

	assert(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	if (words_split(text, words, &n, &err) < 0) {
		assert(*err.text != '\0');
		free(text);
		return 0;
	}
	end = text;
	for (int i = 0; i < n; i++) {
		assert(words[i] >= end && words[i] <= text + size);
		end = words[i] + strlen(words[i]) + 1;
		assert(end <= text + size + 1);
	}
	quoted = malloc(4 * size + 4 * (size_t)n + 1);
	assert(quoted != NULL);
	quote(words, n, quoted);
	assert(words_split(quoted, again, &m, &err) == 0 && m == n);
	for (int i = 0; i < n; i++)
		assert(strcmp(words[i], again[i]) == 0);
	free(quoted);
	free(text);
	return 0;
}
