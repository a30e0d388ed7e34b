// SPDX-License-Identifier: Apache-2.0
#include "cli/cli.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options.h"
#include "cli/ssh.h"
#include "cli/table.h"

static void
test_table(void)
{
	static const char *const header[] = {"ID", "NAME", "X"};
	static const char *const row[] = {"sb_1", "caf\xc3\xa9", "1"};
	static const char *const evil[] = {"b", "", "\033[2J\xc2\x9b"};
	struct table *table = table_new(header, 3);
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	assert(table != NULL && file != NULL);
	assert(table_add(table, row) == 0 && table_add(table, evil) == 0);
	setenv("NO_COLOR", "1", 1);
	table_print(table, file);
	fclose(file);
	assert(strcmp(text, "ID    NAME  X\n"
	    "sb_1  caf\xc3\xa9  1\n"
	    "b     -     \\x1b[2J\\x9b\n") == 0);
	free(text);
	table_free(table);
}

static void
test_human(void)
{
	char text[HUMAN_SIZE];

	human_size(512.0 * 1024 * 1024, text);
	assert(strcmp(text, "512M") == 0);
	human_size(1.5 * 1024 * 1024 * 1024, text);
	assert(strcmp(text, "1.5G") == 0);
	human_size(0, text);
	assert(strcmp(text, "0B") == 0);
	human_time("1970-01-01T00:00:10.000Z", 190000, text);
	assert(strcmp(text, "3 minutes ago") == 0);
	human_time("1970-01-03T00:00:00Z", 0, text);
	assert(strcmp(text, "in 2 days") == 0);
	human_time("1970-01-01T00:00:01Z", 2500, text);
	assert(strcmp(text, "1 second ago") == 0);
	human_time("", 0, text);
	assert(strcmp(text, "never") == 0);
}

/* As main gets it; options_parse moves words but never writes to them. */
static char **
words(const char **argv)
{
	return (char **)(uintptr_t)argv;
}

static void
test_options(void)
{
	const char *argv[] = {"none", "-t", "--json", "ID", "--env=A=1",
	    "--env", "B", "--", "-t", "x", NULL};
	const char *bad[] = {"none", "--nope", NULL};
	const char *missing[] = {"none", "--env", NULL};
	struct cli cli = {0};
	struct option_list env = {0};
	bool has_tty = false;
	const struct option_row rows[] = {
	    {"tty", 't', OPTION_FLAG, &has_tty},
	    {"env", 'e', OPTION_LIST, &env},
	};
	struct err err = {0};
	int rest, argc;

	argc = options_parse(&cli, rows, 2, 10, words(argv), &rest, &err);
	assert(argc == 4 && rest == 2 && has_tty && cli.is_json);
	assert(strcmp(argv[1], "ID") == 0 && strcmp(argv[2], "-t") == 0);
	assert(env.n == 2 && strcmp(env.items[0], "A=1") == 0);
	assert(strcmp(env.items[1], "B") == 0);
	assert(options_parse(&cli, rows, 2, 2, words(bad), &rest,
	    &err) == -EINVAL);
	assert(strstr(err.text, "--nope"));
	assert(options_parse(&cli, rows, 2, 2, words(missing), &rest,
	    &err) < 0);
}

int
main(void)
{
	char *quoted;

	test_table();
	test_human();
	test_options();
	assert(cli_find_verb("create") != NULL && !cli_find_verb("creat"));
	assert(strcmp(cli_suggest_verb("craete")->name, "create") == 0);
	assert(strcmp(cli_suggest_verb("lst")->name, "list") == 0);
	assert(cli_suggest_verb("frobnicate") == NULL);
	quoted = ssh_quote("it's");
	assert(strcmp(quoted, "'it'\\''s'") == 0);
	free(quoted);
	return 0;
}
