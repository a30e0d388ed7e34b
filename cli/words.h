// SPDX-License-Identifier: Apache-2.0
/* What is said of the options of a verb: cli/options.def, as a table. */
#pragma once

#include <stddef.h>

struct option_words {
	const char *verb, *name;
	char letter;	   /* 0: none */
	const char *value; /* NULL: a flag */
	const char *words;
};

extern const struct option_words option_words[];
extern const size_t n_option_words;

/* The words of a verb's option, or NULL. */
const struct option_words *option_words_find(const char *verb,
    const char *name);

/* The arguments of an example for the verb; NULL: there is none. */
const char *option_words_example(const char *verb);

/* "-t, --template NAME", in ret[OPTION_HEAD_SIZE]. */
#define OPTION_HEAD_SIZE 64
void option_words_head(const struct option_words *row,
    char ret[OPTION_HEAD_SIZE]);
