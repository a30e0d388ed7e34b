// SPDX-License-Identifier: Apache-2.0
/* sandgate kill: every process in the sandboxes named, also after a failure. */
#include "cli/api.h"
#include "cli/options.h"

int
run_kill(struct cli *cli, int argc, char **argv)
{
	struct err err = {0};
	int rest, status = CLI_OK;

	argc = options_parse(cli, NULL, 0, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage("kill", "%s", err.text);
	if (argc < 2)
		return cli_usage("kill", "name at least one sandbox");
	for (int i = 1; i < argc; i++)
		if (api_call_item(cli, "POST", "/v1/sandboxes", argv[i],
		    "kill", NULL, NULL, &err) < 0)
			status = cli_fail(&err);
	return status;
}
