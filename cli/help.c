// SPDX-License-Identifier: Apache-2.0
/* sandgate help and version. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "cli/words.h"

static void
print_verbs(const struct cli *cli)
{
	for (size_t i = 0; i < n_cli_verbs; i++)
		if (cli->is_lobby && cli_verbs[i].instead != NULL)
			printf("  %-10s not here, but as: %s\n",
			    cli_verbs[i].name, cli_verbs[i].instead);
		else
			printf("  %-10s %s\n", cli_verbs[i].name,
			    cli_verbs[i].help);
}

static void
print_all(const struct cli *cli)
{
	if (cli->is_lobby) {
		puts("usage: ssh ctl@HOST [--json] VERB ...\n");
		print_verbs(cli);
		puts("\n"
		    "  --json    print the API's own objects\n\n"
		    "`help VERB` explains a verb. Without a command, each line "
		    "of standard input\nis one.");
		return;
	}
	puts("usage: sandgate [--json] [--socket PATH | --api URL | "
	    "--context NAME] VERB ...\n");
	print_verbs(cli);
	puts("\n"
	    "  --json         print the API's own objects\n"
	    "  --socket PATH  the API's Unix socket (or SANDGATE_SOCKET)\n"
	    "  --api URL      the API over TCP (or SANDGATE_API), with the\n"
	    "                 token in SANDGATE_TOKEN\n"
	    "  --context NAME both, as `context set` has kept them (or\n"
	    "                 SANDGATE_CONTEXT)\n"
	    "  --org, --user  for whom to act, who may\n\n"
	    "`sandgate help VERB` explains a verb; see also sandgate(1).");
}

static void
print_verb(const struct cli *cli, const struct cli_verb *verb)
{
	const char *example = option_words_example(verb->name), *gap = "\n";
	char head[OPTION_HEAD_SIZE];

	printf("usage: sandgate %s %s\n%s\n", verb->name, verb->arguments,
	    verb->help);
	for (size_t i = 0; i < n_option_words; i++) {
		if (strcmp(option_words[i].verb, verb->name) != 0)
			continue;
		option_words_head(&option_words[i], head);
		printf("%s  %-26s %s\n", gap, head, option_words[i].words);
		gap = "";
	}
	if (cli->is_lobby && verb->instead != NULL)
		printf("\nnot here, but as: %s\n", verb->instead);
	else if (example != NULL)
		printf("\nexample: sandgate %s %s\n", verb->name, example);
}

int
run_help(struct cli *cli, int argc, char **argv)
{
	const struct cli_verb *verb;

	if (argc < 2) {
		print_all(cli);
		return CLI_OK;
	}
	verb = cli_find_verb(argv[1]);
	if (verb == NULL)
		return cli_usage("help", "no such verb: %s", argv[1]);
	print_verb(cli, verb);
	return CLI_OK;
}

int
run_version(struct cli *cli, int argc, char **argv)
{
	struct err err = {0};
	int rest;

	if (options_parse(cli, NULL, 0, argc, argv, &rest, &err) != 1)
		return cli_usage("version", "it takes no arguments");
	if (cli->is_json)
		puts("{\"version\": \"" SANDGATE_VERSION "\"}");
	else
		puts("sandgate " SANDGATE_VERSION);
	return CLI_OK;
}
