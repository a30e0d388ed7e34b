// SPDX-License-Identifier: Apache-2.0
/*
 * sandgate completion: the tables of verbs and of options, for bash(1), zsh(1)
 * and fish(1).
 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "cli/words.h"

/* Finds the verb of the line, and takes one of `words`. */
static const char bash_head[] =
    "# bash completion of sandgate(1): eval \"$(sandgate completion)\"\n"
    "_sandgate()\n"
    "{\n"
    "	local verb= words= i\n\n"
    "	for ((i = 1; i < COMP_CWORD; i++)); do\n"
    "		case ${COMP_WORDS[i]} in\n"
    "		--socket | --api | --context) ((i++)) ;;\n"
    "		-*) ;;\n"
    "		*) verb=${COMP_WORDS[i]}; break ;;\n"
    "		esac\n"
    "	done\n"
    "	case $verb in\n";
static const char bash_tail[] =
    "	esac\n"
    "	mapfile -t COMPREPLY < \\\n"
    "	    <(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\")\n"
    "}\n"
    "complete -o default -F _sandgate sandgate";

/* The same, and what each is for; where nothing of it fits, a file. */
static const char zsh_head[] =
    "#compdef sandgate\n"
    "# zsh completion of sandgate(1): source <(sandgate completion zsh)\n"
    "_sandgate()\n"
    "{\n"
    "	local verb= i\n"
    "	local -a found\n\n"
    "	for ((i = 2; i < CURRENT; i++)); do\n"
    "		case ${words[i]} in\n"
    "		--socket | --api | --context) ((i++)) ;;\n"
    "		-*) ;;\n"
    "		*) verb=${words[i]}; break ;;\n"
    "		esac\n"
    "	done\n"
    "	case $verb in\n";
static const char zsh_tail[] =
    "	esac\n"
    "	if [[ -z $verb || $verb = help || ${words[CURRENT]} = -* ]]; then\n"
    "		_describe sandgate found\n"
    "	else\n"
    "		_files\n"
    "	fi\n"
    "}\n"
    "compdef _sandgate sandgate";

static void
print_bash_verbs(void)
{
	fputs("	'') words='--json --socket --api --context", stdout);
	for (size_t i = 0; i < n_cli_verbs; i++)
		printf(" %s", cli_verbs[i].name);
	puts("' ;;");
}

/* Names of verbs are what help's are. */
static void
print_bash_options(const char *verb)
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

static void
print_bash(void)
{
	fputs(bash_head, stdout);
	print_bash_verbs();
	for (size_t i = 0; i < n_cli_verbs; i++)
		print_bash_options(cli_verbs[i].name);
	puts(bash_tail);
}

/* In single quotes; each of `special` behind a backslash. */
static void
print_quoted(const char *text, const char *special, const char *quote)
{
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			fputs(quote, stdout);
		else if (strchr(special, *text) != NULL)
			printf("\\%c", *text);
		else
			putchar(*text);
	}
}

/* NAME:WORDS, as _describe takes it. */
static void
print_zsh_word(const char *dashes, const char *name, const char *words)
{
	printf(" '%s%s:", dashes, name);
	print_quoted(words, ":\\", "'\\''");
	putchar('\'');
}

static void
print_zsh_verbs(const char *verb)
{
	printf("	%s) found=(", verb);
	for (size_t i = 0; i < n_cli_verbs; i++)
		print_zsh_word("", cli_verbs[i].name, cli_verbs[i].help);
	puts(") ;;");
}

static void
print_zsh_options(const char *verb)
{
	printf("	%s) found=(", verb);
	for (size_t i = 0; i < n_option_words; i++)
		if (strcmp(option_words[i].verb, verb) == 0)
			print_zsh_word("--", option_words[i].name,
			    option_words[i].words);
	puts(") ;;");
}

static void
print_zsh(void)
{
	fputs(zsh_head, stdout);
	print_zsh_verbs("'' | help");
	for (size_t i = 0; i < n_cli_verbs; i++)
		if (strcmp(cli_verbs[i].name, "help") != 0)
			print_zsh_options(cli_verbs[i].name);
	puts(zsh_tail);
}

static void
print_fish_words(const char *words)
{
	fputs(" -d '", stdout);
	print_quoted(words, "\\", "\\'");
	puts("'");
}

static void
print_fish_option(const struct option_words *row)
{
	printf("complete -c sandgate -n '__fish_seen_subcommand_from %s' "
	    "-l %s", row->verb, row->name);
	if (row->letter != 0)
		printf(" -s %c", row->letter);
	if (row->value != NULL)
		fputs(" -r", stdout);
	print_fish_words(row->words);
}

static void
print_fish(void)
{
	puts("# fish completion of sandgate(1): "
	    "sandgate completion fish | source");
	for (size_t i = 0; i < n_cli_verbs; i++) {
		printf("complete -c sandgate -f -n '__fish_use_subcommand; or "
		    "__fish_seen_subcommand_from help' -a %s",
		    cli_verbs[i].name);
		print_fish_words(cli_verbs[i].help);
	}
	for (size_t i = 0; i < n_option_words; i++)
		print_fish_option(&option_words[i]);
}

int
run_completion(struct cli *cli, int argc, char **argv)
{
	struct err err = {0};
	const char *shell = "bash";
	int rest;

	argc = options_parse(cli, NULL, 0, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage("completion", "%s", err.text);
	if (argc == 2)
		shell = argv[1];
	if (argc <= 2 && strcmp(shell, "bash") == 0)
		print_bash();
	else if (argc <= 2 && strcmp(shell, "zsh") == 0)
		print_zsh();
	else if (argc <= 2 && strcmp(shell, "fish") == 0)
		print_fish();
	else
		return cli_usage("completion", "name one of bash, zsh and "
		    "fish");
	return CLI_OK;
}
