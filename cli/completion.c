// SPDX-License-Identifier: Apache-2.0
/* sandgate completion: the tables of verbs and of options, for bash(1). */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "cli/words.h"

/* Finds the verb of the line, and takes one of `words`. */
static const char head[] =
    "# bash completion of sandgate(1): eval \"$(sandgate completion)\"\n"
    "_sandgate()\n"
    "{\n"
    "	local verb= words= i\n\n"
    "	for ((i = 1; i < COMP_CWORD; i++)); do\n"
    "		case ${COMP_WORDS[i]} in\n"
    "		--socket | --api) ((i++)) ;;\n"
    "		-*) ;;\n"
    "		*) verb=${COMP_WORDS[i]}; break ;;\n"
    "		esac\n"
    "	done\n"
    "	case $verb in\n";
static const char tail[] =
    "	esac\n"
    "	mapfile -t COMPREPLY < \\\n"
    "	    <(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\")\n"
    "}\n"
    "complete -o default -F _sandgate sandgate";

static void
print_verbs(void)
{
	fputs("	'') words='--json --socket --api", stdout);
	for (size_t i = 0; i < n_cli_verbs; i++)
		printf(" %s", cli_verbs[i].name);
	puts("' ;;");
}

/* Names of verbs are what help's are. */
static void
print_options(const char *verb)
{
	printf("	%s) words='", verb);
	for (size_t i = 0; i < n_option_words; i++)
		if (strcmp(option_words[i].verb, verb) == 0)
			printf("--%s ", option_words[i].name);
	if (strcmp(verb, "help") == 0)
		for (size_t i = 0; i < n_cli_verbs; i++)
			printf("%s ", cli_verbs[i].name);
	puts("' ;;");
}

int
run_completion(struct cli *cli, int argc, char **argv)
{
	struct err err = {0};
	int rest;

	if (options_parse(cli, NULL, 0, argc, argv, &rest, &err) != 1)
		return cli_usage("completion", "it takes no arguments");
	fputs(head, stdout);
	print_verbs();
	for (size_t i = 0; i < n_cli_verbs; i++)
		print_options(cli_verbs[i].name);
	puts(tail);
	return CLI_OK;
}
