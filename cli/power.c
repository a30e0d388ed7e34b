// SPDX-License-Identifier: Apache-2.0
/* sandgate pause, resume, stop and wake: every sandbox named, also after one
 * that failed. */
#include <stdio.h>

#include "cli/api.h"
#include "cli/options.h"

static int
change(struct cli *cli, const char *suffix, int argc, char **argv)
{
	struct err err = {0};
	int rest, status = CLI_OK;

	argc = options_parse(cli, NULL, 0, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage(argv[0], "%s", err.text);
	if (argc < 2)
		return cli_usage(argv[0], "name at least one sandbox");
	for (int i = 1; i < argc; i++) {
		auto_json json_t *sandbox = NULL;

		if (api_call_item(cli, "POST", "/v1/sandboxes", argv[i],
		    suffix, NULL, &sandbox, &err) < 0)
			status = cli_fail(&err);
		else if (cli->is_json)
			api_print(sandbox);
	}
	return status;
}

int
run_pause(struct cli *cli, int argc, char **argv)
{
	return change(cli, "pause", argc, argv);
}

int
run_resume(struct cli *cli, int argc, char **argv)
{
	return change(cli, "resume", argc, argv);
}

int
run_stop(struct cli *cli, int argc, char **argv)
{
	return change(cli, "suspend", argc, argv);
}

int
run_wake(struct cli *cli, int argc, char **argv)
{
	return change(cli, "wake", argc, argv);
}
