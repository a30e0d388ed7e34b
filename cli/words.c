// SPDX-License-Identifier: Apache-2.0
#include "cli/words.h"

#include <stdio.h>
#include <string.h>

const struct option_words option_words[] = {
#define CLI_OPTION(verb, name, letter, value, words)                           \
	{verb, name, letter, value, words},
#include "cli/options.def"
};
const size_t n_option_words = sizeof option_words / sizeof *option_words;

static const struct {
	const char *verb, *arguments;
} examples[] = {
#define CLI_EXAMPLE(verb, arguments) {verb, arguments},
#include "cli/options.def"
};

const struct option_words *
option_words_find(const char *verb, const char *name)
{
	for (size_t i = 0; i < n_option_words; i++)
		if (strcmp(option_words[i].verb, verb) == 0 &&
		    strcmp(option_words[i].name, name) == 0)
			return &option_words[i];
	return NULL;
}

const char *
option_words_example(const char *verb)
{
	for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
		if (strcmp(examples[i].verb, verb) == 0)
			return examples[i].arguments;
	return NULL;
}

void
option_words_head(const struct option_words *row, char ret[OPTION_HEAD_SIZE])
{
	char letter[5] = "    ";

	if (row->letter != 0)
		snprintf(letter, sizeof letter, "-%c, ", row->letter);
	snprintf(ret, OPTION_HEAD_SIZE, "%s--%s%s%s",
	    letter, row->name,
	    row->value != NULL ? " " : "",
	    row->value != NULL ? row->value : "");
}
