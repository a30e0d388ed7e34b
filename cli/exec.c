// SPDX-License-Identifier: Apache-2.0
/* sandgate exec: one command in a sandbox, by the system's ssh, or in the
 * background by the API. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/api.h"
#include "cli/options.h"
#include "cli/ssh.h"
#include "common/fd.h"
#include "common/parse.h"

#define USER_SIZE 128

static int
run_command(struct cli *cli, const char *id, bool as_root, bool has_tty,
    const char *command)
{
	char user[USER_SIZE];
	struct ssh_login *login;
	struct err err = {0};
	int status;

	if (ssh_login_new(cli, &login, &err) < 0)
		return cli_fail(&err);
	if (ssh_login_grant(login, id, &err) < 0) {
		ssh_login_free(login);
		return cli_fail(&err);
	}

	snprintf(user, sizeof user, "%s%s", ssh_login_username(login),
	    as_root ? "+root" : "");

	const char *const words[] = {"-o", "LogLevel=ERROR",
	    has_tty ? "-t" : "-T", "-l", user, ssh_login_host(login), "--",
	    command, NULL};

	status = ssh_login_run(login, "ssh", words, &err);
	ssh_login_free(login);
	return status;
}

/* What is only for one in the background. */
struct background {
	bool is_wanted, has_input;
	const char *tag, *timeout;
};

/* Its size is that of who attaches first. */
static int
start(struct cli *cli, const char *id, const struct background *background,
    bool as_root, bool has_tty, const char *command)
{
	auto_json json_t *body = json_pack("{s:s, s:b}", "command", command,
	    "stdin", (int)background->has_input);
	auto_json json_t *process = NULL;
	struct err err = {0};
	uint64_t seconds;

	if (body == NULL)
		return cli_usage("exec", "the command is not UTF-8");
	if (api_add_text(body, "tag", background->tag, &err) < 0)
		return cli_usage("exec", "%s", err.text);
	if (background->timeout != NULL) {
		if (parse_seconds(background->timeout, &seconds) < 0)
			return cli_usage("exec", "--timeout: \"%.40s\" is not "
			    "a time such as 30s or 5m", background->timeout);
		json_object_set_new(body, "timeout_ms",
		    json_integer((json_int_t)seconds * 1000));
	}
	if (as_root)
		json_object_set_new(body, "user", json_string("root"));
	if (has_tty)
		json_object_set_new(body, "tty", json_object());
	if (api_call_item(cli, "POST", "/v1/sandboxes", id, "processes",
	    body, &process, &err) < 0)
		return cli_fail(&err);
	if (cli->is_json)
		api_print(process);
	else
		printf("%.0f\n", api_number(process, "id"));
	return CLI_OK;
}

int
run_exec(struct cli *cli, int argc, char **argv)
{
	bool as_root = false, has_tty = false;
	struct background background = {0};
	const struct option_row rows[] = {
	    {"root", 0, OPTION_FLAG, &as_root},
	    {"tty", 't', OPTION_FLAG, &has_tty},
	    {"detach", 'd', OPTION_FLAG, &background.is_wanted},
	    {"stdin", 'i', OPTION_FLAG, &background.has_input},
	    {"tag", 0, OPTION_TEXT, &background.tag},
	    {"timeout", 0, OPTION_TEXT, &background.timeout},
	};
	auto_free char *command = NULL;
	struct err err = {0};
	int rest;

	argc = options_parse(cli, rows, 6, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage("exec", "%s", err.text);
	if (rest != 2)
		return cli_usage("exec", "name one sandbox, then the command "
		    "after --");
	if (argc == rest)
		return cli_usage("exec", "no command after --");
	if (!background.is_wanted && (background.tag != NULL ||
	    background.timeout != NULL))
		return cli_usage("exec", "--tag and --timeout are for "
		    "--detach");
	command = ssh_command_line(argc - rest, argv + rest);
	if (background.is_wanted)
		return start(cli, argv[1], &background, as_root, has_tty,
		    command != NULL ? command : "");
	return run_command(cli, argv[1], as_root, has_tty,
	    command != NULL ? command : "");
}
