// SPDX-License-Identifier: Apache-2.0
/*
 * Every verb has an example that parses, every option its words, and the manual
 * page the same ones. With -m: prints that section of the page.
 */
#include <assert.h>
#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "cli/words.h"

#define WORDS_MAX     32
#define SECTION_BEGIN ".\\\" from cli/options.def\n"

/* Runs words split at blanks, against a socket where nobody listens. */
static int
run(const char *verb, const char *arguments)
{
	char copy[512], *argv[WORDS_MAX] = {(char *)(uintptr_t)"sandgate"};
	struct cli cli = {.socket = "/nonexistent"};
	char *save = NULL, *word;
	int argc = 1;

	snprintf(copy, sizeof copy, "%s %s", verb, arguments);
	for (word = strtok_r(copy, " ", &save); word != NULL;
	    word = strtok_r(NULL, " ", &save)) {
		assert(argc < WORDS_MAX - 1);
		argv[argc++] = word;
	}
	argv[argc] = NULL;
	return cli_run(&cli, argc, argv);
}

/* Which a verb's own would stand before; of run-python --context is one. */
static bool
is_global(const char *name)
{
	static const char *const names[] = {"json", "socket", "api", "org",
	    "user"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* What can be given can be read about. */
static void
check_words(const char *verb, const struct option_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct option_words *words = option_words_find(verb,
		    rows[i].name);

		if (is_global(rows[i].name)) {
			fprintf(stderr, "%s: --%s is every verb's\n", verb,
			    rows[i].name);
			exit(1);
		}
		if (words == NULL || words->letter != rows[i].letter ||
		    (words->value == NULL) != (rows[i].kind == OPTION_FLAG)) {
			fprintf(stderr, "cli/options.def: no such row of %s: "
			    "--%s\n", verb, rows[i].name);
			exit(1);
		}
	}
}

static int
print_option(FILE *page, const struct option_words *row, bool is_first)
{
	if (is_first)
		fprintf(page, ".Bl -tag -width Ds -compact\n");
	fprintf(page, ".It ");
	if (row->letter != 0)
		fprintf(page, "Fl %c , ", row->letter);
	fprintf(page, "Fl -%s", row->name);
	if (row->value != NULL)
		fprintf(page, " Ar %s", row->value);
	fprintf(page, "\n%s.\n", row->words);
	return 1;
}

static void
print_section(FILE *page)
{
	fprintf(page, SECTION_BEGIN);
	for (size_t i = 0; i < n_cli_verbs; i++) {
		const char *verb = cli_verbs[i].name;
		const char *example = option_words_example(verb);
		int n_options = 0;

		fprintf(page, ".It Cm %s\n", verb);
		fprintf(page, ".Dl sandgate %s%s%s\n", verb,
		    *example != '\0' ? " " : "", example);
		for (size_t j = 0; j < n_option_words; j++)
			if (strcmp(option_words[j].verb, verb) == 0)
				n_options += print_option(page,
				    &option_words[j], n_options == 0);
		if (n_options > 0)
			fprintf(page, ".El\n");
	}
	fprintf(page, SECTION_BEGIN);
}

static bool
page_has(const char *section)
{
	FILE *file = fopen(PAGE, "r");
	static char text[256 * 1024];
	size_t size;

	assert(file != NULL);
	size = fread(text, 1, sizeof text - 1, file);
	text[size] = '\0';
	fclose(file);
	return strstr(text, section) != NULL;
}

int
main(int argc, char **argv)
{
	char *section = NULL;
	size_t size;
	FILE *file;

	if (argc > 1 && strcmp(argv[1], "-m") == 0) {
		print_section(stdout);
		return 0;
	}
	assert(curl_global_init(CURL_GLOBAL_DEFAULT) == 0);
	options_observer = check_words;
	for (size_t i = 0; i < n_cli_verbs; i++) {
		const char *verb = cli_verbs[i].name;
		const char *example = option_words_example(verb);

		if (example == NULL) {
			fprintf(stderr, "cli/options.def: no example of %s\n",
			    verb);
			return 1;
		}
		if (run(verb, example) == CLI_USAGE) {
			fprintf(stderr, "%s: its example is wrong\n", verb);
			return 1;
		}
		/* Reads its options, all of which must have words. */
		if (strcmp(verb, "help") != 0)
			assert(run(verb, "--no-such-option") == CLI_USAGE);
	}
	for (size_t i = 0; i < n_option_words; i++)
		assert(cli_find_verb(option_words[i].verb) != NULL);
	file = open_memstream(&section, &size);
	print_section(file);
	fclose(file);
	if (!page_has(section)) {
		fprintf(stderr, PAGE ": not what test-help -m prints\n");
		free(section);
		return 1;
	}
	free(section);
	curl_global_cleanup();
	return 0;
}
