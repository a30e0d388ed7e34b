// SPDX-License-Identifier: Apache-2.0
/* Every state of sandboxd's machine has a row, and every row a word that the
 * dialect's own clients know. */
#include "gateway/http/dialect/states.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

static const char *const machine[] = {
#define MACHINE_STATE(state, name, ...) name,
#include "sandboxd/lifecycle/machine.def"
};

/* From each product's own description. */
static const char *const known[N_STATE_WORDS][8] = {
    [STATE_WORDS_ZWRM] = {"creating", "running", "suspended", "destroyed"},
    [STATE_WORDS_SANDBASE] = {"creating", "running", "paused", "stopped",
	"error"},
    [STATE_WORDS_E2B] = {"running", "paused"},
    [STATE_WORDS_SANDBOX0] = {"starting", "running", "paused", "failed",
	"completed", "terminating", "cleaned"},
    [STATE_WORDS_ACONTEXT] = {"running", "killed", "paused", "error"},
};

static bool
has(const char *const *list, size_t n, const char *word)
{
	for (size_t i = 0; i < n && list[i] != NULL; i++)
		if (strcmp(list[i], word) == 0)
			return true;
	return false;
}

static void
test_every_state(void)
{
	for (size_t i = 0; i < sizeof machine / sizeof *machine; i++)
		assert(has(state_names, n_state_names, machine[i]));
	for (size_t i = 0; i < n_state_names; i++)
		assert(has(machine, sizeof machine / sizeof *machine,
		    state_names[i]));
}

static void
test_every_word(void)
{
	for (int words = 0; words < N_STATE_WORDS; words++) {
		for (size_t i = 0; i < n_state_names; i++) {
			const char *word = state_word(words, state_names[i]);

			assert(word == NULL || (has(known[words], 8, word) &&
			    state_word_is_known(words, word)));
			/* Only E2B's clients are not told of what is over. */
			assert(word != NULL || (words == STATE_WORDS_E2B &&
			    (strcmp(state_names[i], "failed") == 0 ||
			    strncmp(state_names[i], "destroy", 7) == 0)));
		}
		/* Those that clients wait for mean the one thing only. */
		assert(strcmp(state_word(words, "running"), "running") == 0);
		assert(strcmp(state_word(words, "suspended"),
		    words == STATE_WORDS_ZWRM ? "suspended" : "paused") == 0);
		assert(state_word(words, "dancing") == NULL);
		assert(!state_word_is_known(words, "dancing"));
	}
}

int
main(void)
{
	test_every_state();
	test_every_word();
	return 0;
}
