// SPDX-License-Identifier: Apache-2.0
/*
 * sandgate run: a sandbox for one command, and gone with it. It is ephemeral,
 * so that it goes as well where this is killed or its host is lost.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/api.h"
#include "cli/create_wishes.h"
#include "cli/ssh.h"
#include "common/fd.h"

#define USER_SIZE 128

struct wishes {
	struct create_wishes create;
	bool as_root, has_tty, has_input, is_kept, is_removed;
};

static int
make(struct cli *cli, const struct wishes *wishes, char ret_id[CLI_WORD_SIZE],
    struct err *err)
{
	auto_json json_t *body = json_object();
	auto_json json_t *sandbox = NULL;

	if (create_wishes_add(cli, &wishes->create, body, err) < 0 ||
	    api_call(cli, "POST", "/v1/sandboxes", body, &sandbox, err) < 0)
		return -err->code;
	snprintf(ret_id, CLI_WORD_SIZE, "%s", api_string(sandbox, "id"));
	return 0;
}

/* As exec, and without a command a shell. */
static int
run_in(struct ssh_login *login, const struct wishes *wishes,
    const char *command, struct err *err)
{
	char user[USER_SIZE];
	const char *const words[] = {"-o", "LogLevel=ERROR",
	    wishes->has_tty ? "-t" : "-T", "-l", user, ssh_login_host(login),
	    "--", command, NULL};

	snprintf(user, sizeof user, "%s%s", ssh_login_username(login),
	    wishes->as_root ? "+root" : "");
	return ssh_login_run(login, "ssh", words, err);
}

/* What became of the command is what is told, whatever comes now. */
static void
destroy(struct cli *cli, const char *id)
{
	struct err err = {0};

	if (api_call_item(cli, "DELETE", "/v1/sandboxes", id, NULL, NULL, NULL,
	    &err) < 0)
		cli_fail(&err);
}

static int
run(struct cli *cli, const struct wishes *wishes, const char *command)
{
	char id[CLI_WORD_SIZE];
	struct ssh_login *login;
	struct err err = {0};
	int status;

	if (ssh_login_new(cli, &login, &err) < 0)
		return cli_fail(&err);
	if (make(cli, wishes, id, &err) < 0) {
		ssh_login_free(login);
		return cli_fail(&err);
	}
	if (wishes->is_kept)
		fprintf(stderr, "%s\n", id);
	status = ssh_login_grant(login, id, &err) < 0 ? cli_fail(&err) :
	    run_in(login, wishes, command, &err);
	ssh_login_free(login);
	if (!wishes->is_kept)
		destroy(cli, id);
	return status;
}

int
run_run(struct cli *cli, int argc, char **argv)
{
	struct wishes wishes = {.as_root = false};
	const struct option_row rows[] = {
	    {"template", 0, OPTION_TEXT, &wishes.create.template_name},
	    CREATE_WISHES(wishes.create)
	    {"timeout", 0, OPTION_TEXT, &wishes.create.time.timeout},
	    {"root", 0, OPTION_FLAG, &wishes.as_root},
	    {"interactive", 'i', OPTION_FLAG, &wishes.has_input},
	    {"tty", 't', OPTION_FLAG, &wishes.has_tty},
	    {"keep", 0, OPTION_FLAG, &wishes.is_kept},
	    {"rm", 0, OPTION_FLAG, &wishes.is_removed},
	};
	auto_free char *command = NULL;
	struct err err = {0};
	int rest;

	argc = options_parse(cli, rows, sizeof rows / sizeof *rows, argc, argv,
	    &rest, &err);
	if (argc < 0)
		return cli_usage("run", "%s", err.text);
	if (rest > 2)
		return cli_usage("run", "the command comes after --: %s",
		    argv[2]);
	if (rest == 2 && wishes.create.template_name != NULL)
		return cli_usage("run", "--template, or its name in front of "
		    "--, not both");
	if (rest == 2)
		wishes.create.template_name = argv[1];
	if (argc == rest && !wishes.has_tty)
		return cli_usage("run", "no command after --, and no -t for "
		    "a shell");
	if (wishes.is_kept && wishes.is_removed)
		return cli_usage("run", "--keep or --rm, not both");
	wishes.create.is_ephemeral = !wishes.is_kept;
	command = argc > rest ? ssh_command_line(argc - rest, argv + rest) :
	    NULL;
	return run(cli, &wishes, command);
}
