// SPDX-License-Identifier: Apache-2.0
/* sandgate org: what is set for everyone of your organisation. */
#include <stdio.h>
#include <string.h>

#include "cli/api.h"
#include "cli/options.h"

#define PATH "/v1/organisation"

static int
print_org(const struct cli *cli, const json_t *org)
{
	if (cli->is_json) {
		api_print(org);
		return CLI_OK;
	}
	printf("name       %s\n", api_string(org, "name"));
	printf("recording  %s\n", api_is_true(org, "recording") ? "on" : "off");
	return CLI_OK;
}

static int
call(struct cli *cli, const char *method, const json_t *body)
{
	auto_json json_t *org = NULL;
	struct err err = {0};

	if (api_call(cli, method, PATH, body, &org, &err) < 0)
		return cli_fail(&err);
	return print_org(cli, org);
}

static int
set(struct cli *cli, const char *recording)
{
	auto_json json_t *body = json_object();

	if (recording == NULL)
		return cli_usage("org", "set what? --recording on or off");
	if (strcmp(recording, "on") != 0 && strcmp(recording, "off") != 0)
		return cli_usage("org", "--recording: \"%s\" is not on or off",
		    recording);
	json_object_set_new(body, "recording",
	    json_boolean(strcmp(recording, "on") == 0));
	return call(cli, "PATCH", body);
}

int
run_org(struct cli *cli, int argc, char **argv)
{
	const char *recording = NULL;
	const struct option_row rows[] = {{"recording", 0, OPTION_TEXT,
	    &recording}};
	struct err err = {0};
	int rest;

	argc = options_parse(cli, rows, 1, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage("org", "%s", err.text);
	if (argc == 2 && strcmp(argv[1], "set") == 0)
		return set(cli, recording);
	if (argc == 2 && strcmp(argv[1], "show") == 0 && recording == NULL)
		return call(cli, "GET", NULL);
	return cli_usage("org", "show, or set --recording on|off?");
}
