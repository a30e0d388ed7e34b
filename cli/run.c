// SPDX-License-Identifier: Apache-2.0
#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/context_file.h"
#include "cli/options.h"
#include "cli/words.h"
#include "common/paths.h"

#define SOCKET_SIZE (CONF_STRING_SIZE + 16)
/* For form's sake: whoever runs the lobby opens the connections. */
#define LOBBY_URL "http://localhost"

static const char *
environment(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && *value != '\0' ? value : NULL;
}

/* What a context says where nothing else does; its own token is for its API
 * alone. Named by an option, it goes before the environment. */
static int
apply_context(struct cli *cli, struct context_file *file, struct err *err)
{
	const char *name = cli->context;
	const struct context *context;
	int r;

	if ((r = context_file_read(file, err)) < 0)
		return r;
	if (name == NULL)
		name = environment("SANDGATE_CONTEXT");
	if (name == NULL && *file->current == '\0')
		return 0;
	if (name == NULL)
		name = file->current;
	if ((context = context_file_find(file, name)) == NULL)
		return err_set(err, ENOENT, "no context %.63s; `sandgate "
		    "context list`", name);
	if (*context->socket != '\0')
		cli->socket = context->socket;
	else if (*context->api != '\0')
		cli->url = context->api;
	if (*context->token != '\0' &&
	    (cli->token == NULL || cli->context != NULL))
		cli->token = context->token;
	if (cli->org == NULL && *context->org != '\0')
		cli->org = context->org;
	if (cli->user == NULL && *context->user != '\0')
		cli->user = context->user;
	return 0;
}

/*
 * Where the API is: what the options say, else the environment, else a context,
 * else the Unix socket of this host's configuration. A socket needs a URL only
 * for its form.
 */
static int
find_api(struct cli *cli, struct context_file *file,
    char socket[SOCKET_SIZE], struct err *err)
{
	const char *conf = access(PATHS_DEFAULT_CONF, R_OK) == 0 ?
	    PATHS_DEFAULT_CONF : NULL;
	struct paths paths;
	int r;

	if (cli->socket == NULL && cli->url == NULL && cli->context == NULL) {
		cli->socket = environment("SANDGATE_SOCKET");
		if (cli->socket == NULL)
			cli->url = environment("SANDGATE_API");
	}
	if (cli->socket == NULL && cli->url == NULL &&
	    (r = apply_context(cli, file, err)) < 0)
		return r;
	if (cli->socket == NULL && cli->url == NULL) {
		if ((r = paths_read(conf, &paths, err)) < 0 ||
		    (r = path_join(socket, SOCKET_SIZE, paths.run_dir,
		    "api.sock", err)) < 0)
			return r;
		cli->socket = socket;
	}
	if (cli->socket != NULL)
		cli->url = "http://localhost";
	return 0;
}

/*
 * Options may follow the verb, so that the API can only be found once the
 * verb has parsed them: they are looked for here first, and again there. One
 * that the verb has for its own is not ours.
 */
static void
find_late_options(struct cli *cli, int argc, char **argv)
{
	const struct {
		const char *name;
		const char **target;
	} rows[] = {{"socket", &cli->socket}, {"api", &cli->url},
	    {"context", &cli->context}, {"org", &cli->org},
	    {"user", &cli->user}};

	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		for (size_t j = 0; j < sizeof rows / sizeof *rows; j++) {
			const size_t n = strlen(rows[j].name);

			if (strncmp(argv[i], "--", 2) != 0 ||
			    strncmp(argv[i] + 2, rows[j].name, n) != 0 ||
			    option_words_find(argv[0], rows[j].name) != NULL)
				continue;
			if (argv[i][2 + n] == '=')
				*rows[j].target = argv[i] + 3 + n;
			else if (argv[i][2 + n] == '\0' && i + 1 < argc)
				*rows[j].target = argv[++i];
			else
				continue;
			break;
		}
}

static int
unknown_verb(const char *name)
{
	const struct cli_verb *other = cli_suggest_verb(name);

	fprintf(stderr, "sandgate: no such verb: %s%s%s%s\n", name,
	    other != NULL ? "; did you mean " : "",
	    other != NULL ? other->name : "", other != NULL ? "?" :
	    "; `sandgate help` lists them");
	return CLI_USAGE;
}

/* Options that would lead elsewhere mean nothing where the API is given. */
static int
check_lobby(const struct cli *cli, const struct cli_verb *verb)
{
	struct err err = {0};

	if (cli->socket != NULL || cli->url != NULL || cli->context != NULL)
		return cli_usage(verb->name,
		    "--socket, --api and --context are not for here");
	if (verb->instead == NULL)
		return CLI_OK;
	err_set(&err, ENOTSUP, "%s: not here, but as: %s", verb->name,
	    verb->instead);
	return cli_fail(&err);
}

/* The verb is known: what it takes, and the call of it. */
static int
run_verb(struct cli *cli, const struct cli_verb *verb, int argc, char **argv)
{
	struct context_file file;
	char socket[SOCKET_SIZE];
	struct err err = {0};
	int status;

	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0) {
			char *help[] = {argv[0], argv[0], NULL};

			return run_help(cli, 2, help);
		}
	find_late_options(cli, argc, argv);
	if (cli->is_lobby) {
		status = check_lobby(cli, verb);
		cli->url = LOBBY_URL;
		return status != CLI_OK ? status : verb->run(cli, argc, argv);
	}
	if ((cli->socket != NULL) + (cli->url != NULL) +
	    (cli->context != NULL) > 1)
		return cli_usage(verb->name,
		    "--socket, --api or --context, not two of them");
	if (verb->run == run_context)
		return run_context(cli, argc, argv);
	cli->token = environment("SANDGATE_TOKEN");
	if (find_api(cli, &file, socket, &err) < 0)
		return cli_fail(&err);
	return verb->run(cli, argc, argv);
}

int
cli_run(struct cli *cli, int argc, char **argv)
{
	const struct cli_verb *verb;
	struct err err = {0};
	int at = options_parse_global(cli, argc, argv, &err), status;

	if (at < 0) {
		cli_fail(&err);
		return CLI_USAGE;
	}
	if (at == argc) {
		run_help(cli, 0, NULL);
		return CLI_USAGE;
	}
	if (strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "-h") == 0)
		return run_help(cli, 1, argv + at);
	verb = cli_find_verb(strcmp(argv[at], "--version") == 0 ? "version" :
	    argv[at]);
	if (verb == NULL)
		return unknown_verb(argv[at]);
	status = run_verb(cli, verb, argc - at, argv + at);
	if (fflush(stdout) != 0 && status == CLI_OK) {
		perror("sandgate: stdout");
		status = CLI_FAILED;
	}
	return status;
}
