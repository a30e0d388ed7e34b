// SPDX-License-Identifier: Apache-2.0
#include "cli/options.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* Whether word is row's option; *ret_value points behind a "=". */
static bool
is_option(const struct option_row *row, const char *word,
    const char **ret_value)
{
	size_t n = strlen(row->name);

	*ret_value = NULL;
	if (word[1] != '-')
		return row->letter != 0 && word[1] == row->letter &&
		    word[2] == '\0';
	if (strncmp(word + 2, row->name, n) != 0)
		return false;
	if (word[2 + n] == '=')
		*ret_value = word + 3 + n;
	return word[2 + n] == '\0' || word[2 + n] == '=';
}

static int
set_option(const struct option_row *row, const char *value, struct err *err)
{
	struct option_list *list = row->target;

	if (row->kind == OPTION_TEXT) {
		*(const char **)row->target = value;
		return 0;
	}
	if (list->n == OPTIONS_LIST_MAX)
		return err_set(err, EINVAL, "--%s: given more than %d times",
		    row->name, OPTIONS_LIST_MAX);
	list->items[list->n++] = value;
	return 0;
}

/* The flag of a letter, or NULL. */
static const struct option_row *
find_flag(const struct option_row *rows, size_t n, char letter)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].letter == letter && rows[i].kind == OPTION_FLAG)
			return &rows[i];
	return NULL;
}

/* Sets several at once, as in -it; whether all of them are flags. */
static bool
take_letters(const struct option_row *rows, size_t n, const char *word)
{
	if (word[1] == '-' || word[1] == '\0' || word[2] == '\0')
		return false;
	for (const char *letter = word + 1; *letter != '\0'; letter++)
		if (find_flag(rows, n, *letter) == NULL)
			return false;
	for (const char *letter = word + 1; *letter != '\0'; letter++)
		*(bool *)find_flag(rows, n, *letter)->target = true;
	return true;
}

/*
 * Takes argv[at] where it is one of the rows' options. Returns how many words
 * it took, 0 where it is none of them, or -errno.
 */
static int
take_option(const struct option_row *rows, size_t n, int argc, char **argv,
    int at, struct err *err)
{
	const char *value;
	int r;

	for (size_t i = 0; i < n; i++) {
		if (!is_option(&rows[i], argv[at], &value))
			continue;
		if (rows[i].kind == OPTION_FLAG) {
			if (value != NULL)
				return err_set(err, EINVAL,
				    "--%s takes no value", rows[i].name);
			*(bool *)rows[i].target = true;
			return 1;
		}
		if (value != NULL) {
			r = set_option(&rows[i], value, err);
			return r < 0 ? r : 1;
		}
		if (at + 1 >= argc)
			return err_set(err, EINVAL, "--%s needs a value",
			    rows[i].name);
		r = set_option(&rows[i], argv[at + 1], err);
		return r < 0 ? r : 2;
	}
	return take_letters(rows, n, argv[at]) ? 1 : 0;
}

/*
 * The same with the options of every verb; -EINVAL where it is none. --token
 * is no option: a command line is for everyone to see.
 */
static int
take_global(struct cli *cli, int argc, char **argv, int at, struct err *err)
{
	const struct option_row rows[] = {
	    {"json", 0, OPTION_FLAG, &cli->is_json},
	    {"socket", 0, OPTION_TEXT, &cli->socket},
	    {"api", 0, OPTION_TEXT, &cli->url},
	    {"context", 0, OPTION_TEXT, &cli->context},
	    {"org", 0, OPTION_TEXT, &cli->org},
	    {"user", 0, OPTION_TEXT, &cli->user}};
	int taken = take_option(rows, sizeof rows / sizeof *rows, argc, argv,
	    at, err);

	return taken != 0 ? taken :
	    err_set(err, EINVAL, "no such option: %s", argv[at]);
}

void (*options_observer)(const char *verb, const struct option_row *rows,
    size_t n);

int
options_parse(struct cli *cli, const struct option_row *rows, size_t n,
    int argc, char **argv, int *ret_rest, struct err *err)
{
	int at = 1, words = 1, taken;

	if (options_observer != NULL)
		options_observer(argv[0], rows, n);
	while (at < argc && strcmp(argv[at], "--") != 0) {
		if (argv[at][0] != '-' || argv[at][1] == '\0') {
			argv[words++] = argv[at++];
			continue;
		}
		taken = take_option(rows, n, argc, argv, at, err);
		if (taken == 0)
			taken = take_global(cli, argc, argv, at, err);
		if (taken < 0)
			return taken;
		at += taken;
	}
	*ret_rest = words;
	for (at++; at < argc; at++)
		argv[words++] = argv[at];
	argv[words] = NULL;
	return words;
}

int
options_parse_global(struct cli *cli, int argc, char **argv, struct err *err)
{
	int at = 1, taken;

	while (at < argc && argv[at][0] == '-') {
		if (strcmp(argv[at], "--help") == 0 ||
		    strcmp(argv[at], "-h") == 0 ||
		    strcmp(argv[at], "--version") == 0)
			return at;
		taken = take_global(cli, argc, argv, at, err);
		if (taken < 0)
			return taken;
		at += taken;
	}
	return at;
}
