// SPDX-License-Identifier: Apache-2.0
/* Every state of sandboxd's machine has a row, every row a word that the
 * dialect's own clients know, and docs/COMPATIBILITY.md says of each state in
 * each dialect what the table does. */
#include "gateway/http/dialect/states.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
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

/* The cells of a row of a Markdown table, without their blanks; how many. */
static size_t
split(char *line, char *cells[], size_t max)
{
	size_t n = 0;

	for (char *cell = strtok(line, "|\n"); cell != NULL && n < max;
	    cell = strtok(NULL, "|\n")) {
		cell += strspn(cell, " ");
		for (size_t end = strlen(cell); end > 0 &&
		    cell[end - 1] == ' '; end--)
			cell[end - 1] = '\0';
		cells[n++] = cell;
	}
	return n;
}

/* Of one state, whose row of the page has these cells. */
static void
check_row(const char *state, char *const cells[])
{
	for (int words = 0; words < N_STATE_WORDS; words++) {
		const char *word = state_word(words, state);
		const char *said = word != NULL ? word : "not told";

		if (strcmp(cells[1 + words], said) != 0)
			fprintf(stderr, "COMPATIBILITY.md: %s in column %d is "
			    "\"%s\", and \"%s\" is said\n", state, 1 + words,
			    cells[1 + words], said);
		assert(strcmp(cells[1 + words], said) == 0);
	}
}

/* Each state of the page is one there is, and all there are come once. */
static void
test_page(void)
{
	static const char head[] =
	    "| state | zwrm, 8080 | Sandbase | E2B | Sandbox0 | Acontext |";
	char *line = NULL, *cells[2 + N_STATE_WORDS], *rest;
	size_t room = 0, n_states = 0;
	FILE *page = fopen(PAGE, "r");

	assert(page != NULL);
	do
		assert(getline(&line, &room, page) > 0);
	while (strncmp(line, head, strlen(head)) != 0);
	assert(getline(&line, &room, page) > 0); /* dashes */
	while (getline(&line, &room, page) > 0 && line[0] == '|') {
		assert(split(line, cells, 2 + N_STATE_WORDS) ==
		    1 + N_STATE_WORDS);
		for (const char *state = strtok_r(cells[0], "`, ", &rest);
		    state != NULL; state = strtok_r(NULL, "`, ", &rest)) {
			assert(has(state_names, n_state_names, state));
			check_row(state, cells);
			n_states++;
		}
	}
	assert(n_states == n_state_names);
	free(line);
	fclose(page);
}

int
main(void)
{
	test_every_state();
	test_every_word();
	test_page();
	return 0;
}
