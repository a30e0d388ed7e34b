// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/states.h"

#include <string.h>

const char *const state_names[] = {
#define DIALECT_STATE(state, ...) state,
#include "gateway/http/dialect/states.def"
#undef DIALECT_STATE
};
const size_t n_state_names = sizeof state_names / sizeof *state_names;

static const char *const rows[][N_STATE_WORDS] = {
#define DIALECT_STATE(state, ...) {__VA_ARGS__},
#include "gateway/http/dialect/states.def"
#undef DIALECT_STATE
};

const char *
state_word(enum state_words words, const char *state)
{
	for (size_t i = 0; i < n_state_names; i++)
		if (strcmp(state_names[i], state) == 0)
			return rows[i][words];
	return NULL;
}

bool
state_word_is_known(enum state_words words, const char *word)
{
	for (size_t i = 0; i < n_state_names; i++)
		if (rows[i][words] != NULL &&
		    strcmp(rows[i][words], word) == 0)
			return true;
	return false;
}
