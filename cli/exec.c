// SPDX-License-Identifier: Apache-2.0
/* sandgate exec: one command in a sandbox, by the system's ssh, or in the
 * background by the API. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/api.h"
#include "cli/options.h"
#include "cli/pairs.h"
#include "cli/ssh.h"
#include "common/fd.h"
#include "common/parse.h"

#define USER_SIZE 128

/* Where and with what it is to run. */
struct place {
	const char *cwd; /* NULL: the user's home */
	struct option_list env;
	bool as_root;
};

static int
export(FILE *stream, const struct option_list *env, struct err *err)
{
	auto_json json_t *object = json_object();
	json_t *value;
	const char *name;
	int r = pairs_add(object, "env", env, true, err);

	if (r < 0)
		return r;
	json_object_foreach(json_object_get(object, "env"), name, value) {
		auto_free char *quoted = ssh_quote(json_string_value(value));

		if (!variable_name_is_valid(name))
			return err_set(err, EINVAL, "--env: \"%.60s\" is not "
			    "a variable's name", name);
		fprintf(stream, "export %s=%s; ", name,
		    quoted != NULL ? quoted : "");
	}
	return 0;
}

/* The command for the shell there, which goes to its place first; the caller's
 * to free. 0 or -EINVAL with words. */
static int
place_command(const struct place *place, const char *command, char **ret,
    struct err *err)
{
	auto_free char *cwd = ssh_quote(place->cwd != NULL ? place->cwd : "");
	size_t size;
	FILE *stream = open_memstream(ret, &size);
	int r;

	if (stream == NULL || cwd == NULL)
		return err_set(err, ENOMEM, "out of memory");
	if (place->cwd != NULL)
		fprintf(stream, "cd -- %s || exit 1; ", cwd);
	r = export(stream, &place->env, err);
	fputs(command, stream);
	fclose(stream);
	return r;
}

static int
run_command(struct cli *cli, const char *id, const struct place *place,
    bool has_tty, const char *command)
{
	auto_free char *placed = NULL;
	char user[USER_SIZE];
	struct ssh_login *login;
	struct err err = {0};
	int status;

	if (place_command(place, command, &placed, &err) < 0)
		return cli_usage("exec", "%s", err.text);
	if (ssh_login_new(cli, &login, &err) < 0)
		return cli_fail(&err);
	if (ssh_login_grant(login, id, &err) < 0) {
		ssh_login_free(login);
		return cli_fail(&err);
	}

	snprintf(user, sizeof user, "%s%s", ssh_login_username(login),
	    place->as_root ? "+root" : "");

	const char *const words[] = {"-o", "LogLevel=ERROR",
	    has_tty ? "-t" : "-T", "-l", user, ssh_login_host(login), "--",
	    placed, NULL};

	status = ssh_login_run(login, "ssh", words, &err);
	ssh_login_free(login);
	return status;
}

/* What is only for one in the background. */
struct background {
	bool is_wanted, has_input;
	const char *tag, *timeout, *user;
};

/* Its size is that of who attaches first. */
static int
start(struct cli *cli, const char *id, const struct background *background,
    const struct place *place, bool has_tty, const char *command)
{
	const char *user = place->as_root ? "root" : background->user;
	auto_json json_t *body = json_pack("{s:s, s:b}", "command", command,
	    "stdin", (int)background->has_input);
	auto_json json_t *process = NULL;
	struct err err = {0};
	uint64_t seconds;

	if (body == NULL)
		return cli_usage("exec", "the command is not UTF-8");
	if (api_add_text(body, "tag", background->tag, &err) < 0 ||
	    api_add_text(body, "user", user, &err) < 0 ||
	    api_add_text(body, "cwd", place->cwd, &err) < 0 ||
	    pairs_add(body, "env", &place->env, true, &err) < 0)
		return cli_usage("exec", "%s", err.text);
	if (background->timeout != NULL) {
		if (parse_seconds(background->timeout, &seconds) < 0)
			return cli_usage("exec", "--timeout: \"%.40s\" is not "
			    "a time such as 30s or 5m", background->timeout);
		json_object_set_new(body, "timeout_ms",
		    json_integer((json_int_t)seconds * 1000));
	}
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
	struct place place = {0};
	bool has_tty = false;
	struct background background = {0};
	const struct option_row rows[] = {
	    {"root", 0, OPTION_FLAG, &place.as_root},
	    {"cwd", 'w', OPTION_TEXT, &place.cwd},
	    {"env", 'e', OPTION_LIST, &place.env},
	    {"as", 'u', OPTION_TEXT, &background.user},
	    {"tty", 't', OPTION_FLAG, &has_tty},
	    {"detach", 'd', OPTION_FLAG, &background.is_wanted},
	    {"stdin", 'i', OPTION_FLAG, &background.has_input},
	    {"tag", 0, OPTION_TEXT, &background.tag},
	    {"timeout", 0, OPTION_TEXT, &background.timeout},
	};
	auto_free char *command = NULL;
	struct err err = {0};
	int rest;

	argc = options_parse(cli, rows, sizeof rows / sizeof *rows, argc,
	    argv, &rest, &err);
	if (argc < 0)
		return cli_usage("exec", "%s", err.text);
	if (rest != 2)
		return cli_usage("exec", "name one sandbox, then the command "
		    "after --");
	if (argc == rest)
		return cli_usage("exec", "no command after --");
	if (!background.is_wanted && (background.tag != NULL ||
	    background.timeout != NULL || background.user != NULL))
		return cli_usage("exec", "--tag, --timeout and --as are for "
		    "--detach");
	if (background.user != NULL && place.as_root)
		return cli_usage("exec", "give --as or --root, not both");
	command = ssh_command_line(argc - rest, argv + rest);
	if (background.is_wanted)
		return start(cli, argv[1], &background, &place, has_tty,
		    command != NULL ? command : "");
	return run_command(cli, argv[1], &place, has_tty,
	    command != NULL ? command : "");
}
