// SPDX-License-Identifier: Apache-2.0
/* sandgate exec: one command in a sandbox, by the system's ssh. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options.h"
#include "cli/ssh.h"
#include "common/fd.h"

#define USER_SIZE 128

/*
 * The command line for the sandbox's shell: one word is one, as with ssh;
 * several are an argument vector, which quoting keeps as it is.
 */
static char *
command_line(int argc, char **argv)
{
	char *line = NULL;
	size_t size = 0;
	FILE *stream;

	if (argc == 1)
		return strdup(argv[0]);
	stream = open_memstream(&line, &size);
	if (stream == NULL)
		return NULL;
	for (int i = 0; i < argc; i++) {
		auto_free char *quoted = ssh_quote(argv[i]);

		fprintf(stream, "%s%s", i > 0 ? " " : "",
		    quoted != NULL ? quoted : "");
	}
	fclose(stream);
	return line;
}

static int
run_command(struct cli *cli, const char *id, const char *user, bool has_tty,
    const char *command)
{
	struct ssh_login *login;
	struct err err = {0};
	int status;

	if (ssh_login_new(cli, &login, &err) < 0)
		return cli_fail(&err);
	if (ssh_login_grant(login, id, &err) < 0) {
		ssh_login_free(login);
		return cli_fail(&err);
	}

	const char *const words[] = {"-o", "LogLevel=ERROR",
	    has_tty ? "-t" : "-T", "-l", user, ssh_login_host(login), "--",
	    command, NULL};

	status = ssh_login_run(login, "ssh", words, &err);
	ssh_login_free(login);
	return status;
}

int
run_exec(struct cli *cli, int argc, char **argv)
{
	bool as_root = false, has_tty = false;
	const struct option_row rows[] = {
	    {"root", 0, OPTION_FLAG, &as_root},
	    {"tty", 't', OPTION_FLAG, &has_tty},
	};
	auto_free char *command = NULL;
	char user[USER_SIZE];
	struct err err = {0};
	int rest;

	argc = options_parse(cli, rows, 2, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage("exec", "%s", err.text);
	if (rest != 2)
		return cli_usage("exec", "name one sandbox, then the command "
		    "after --");
	if (argc == rest)
		return cli_usage("exec", "no command after --");
	command = command_line(argc - rest, argv + rest);
	snprintf(user, sizeof user, "%s%s", argv[1], as_root ? "+root" : "");
	return run_command(cli, argv[1], user, has_tty,
	    command != NULL ? command : "");
}
