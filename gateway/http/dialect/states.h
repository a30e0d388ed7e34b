// SPDX-License-Identifier: Apache-2.0
/* The words that dialects have for the states of a sandbox: states.def. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum state_words {
	STATE_WORDS_ZWRM,
	STATE_WORDS_SANDBASE,
	STATE_WORDS_E2B,
	STATE_WORDS_SANDBOX0,
	STATE_WORDS_ACONTEXT,
	N_STATE_WORDS
};

/* Every state there is, in no order, by its own name; n_state_names of them. */
extern const char *const state_names[];
extern const size_t n_state_names;

/* The word for a state, static; NULL where clients are not told of one that is
 * in it, or where there is no such state. */
const char *state_word(enum state_words words, const char *state);

/* Whether it is a word for any state. */
bool state_word_is_known(enum state_words words, const char *word);
