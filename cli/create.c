// SPDX-License-Identifier: Apache-2.0
/* sandgate create: the id on stdout, how to get in on stderr. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/api.h"
#include "cli/create_wishes.h"

int
run_create(struct cli *cli, int argc, char **argv)
{
	struct create_wishes wishes = {0};
	const struct option_row rows[] = {
	    {"template", 't', OPTION_TEXT, &wishes.template_name},
	    {"image", 0, OPTION_TEXT, &wishes.image},
	    CREATE_WISHES(wishes)
	    TIME_WISHES(wishes.time)
	    {"mode", 0, OPTION_TEXT, &wishes.mode},
	    {"ephemeral", 0, OPTION_FLAG, &wishes.is_ephemeral},
	    {"no-auto-resume", 0, OPTION_FLAG, &wishes.is_resumed_by_hand},
	    {"idempotency-key", 0, OPTION_TEXT, &cli->request_key},
	};
	auto_json json_t *body = json_object();
	auto_json json_t *sandbox = NULL;
	struct err err = {0};
	int rest;

	argc = options_parse(cli, rows, sizeof rows / sizeof *rows, argc, argv,
	    &rest, &err);
	if (argc < 0)
		return cli_usage("create", "%s", err.text);
	if (argc != 1)
		return cli_usage("create", "no such argument: %s", argv[1]);
	if (create_wishes_add(cli, &wishes, body, &err) < 0)
		return cli_usage("create", "%s", err.text);
	if (api_call(cli, "POST", "/v1/sandboxes", body, &sandbox, &err) < 0)
		return cli_fail(&err);
	if (cli->is_json) {
		api_print(sandbox);
		return CLI_OK;
	}
	puts(api_string(sandbox, "id"));
	fprintf(stderr, "ssh -p %.0f %s@%s\n", api_number(sandbox, "ssh.port"),
	    api_string(sandbox, "ssh.username"),
	    api_string(sandbox, "ssh.host"));
	return CLI_OK;
}
