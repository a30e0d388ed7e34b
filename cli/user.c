// SPDX-License-Identifier: Apache-2.0
/* sandgate user: who is of an organisation, and as what. */
#include <stdio.h>
#include <string.h>

#include "cli/listing.h"
#include "cli/options.h"

#define COLLECTION "/v1/users"

static const struct listing users = {COLLECTION, "users",
    {{"NAME", "name", LISTING_TEXT}, {"ORG", "org", LISTING_TEXT},
	{"ROLE", "role", LISTING_TEXT}, {"KEYS", "keys", LISTING_NUMBER},
	{"TOKENS", "tokens", LISTING_NUMBER},
	{"ADDED", "created_at", LISTING_TIME}, {NULL}}};

static int
add(struct cli *cli, const char *name, const char *role)
{
	auto_json json_t *body = json_pack("{s:s}", "name", name);
	auto_json json_t *user = NULL;
	struct err err = {0};

	if (role != NULL)
		json_object_set_new(body, "role", json_string(role));
	if (api_call(cli, "POST", COLLECTION, body, &user, &err) < 0)
		return cli_fail(&err);
	if (cli->is_json)
		api_print(user);
	return CLI_OK;
}

static int
set(struct cli *cli, const char *name, const char *role)
{
	auto_json json_t *body = json_object();
	auto_json json_t *user = NULL;
	struct err err = {0};

	if (role == NULL)
		return cli_usage("user", "set what? --role admin, member or "
		    "viewer");
	json_object_set_new(body, "role", json_string(role));
	if (api_call_name(cli, "PATCH", COLLECTION, name, "", body, &user,
	    &err) < 0)
		return cli_fail(&err);
	if (cli->is_json)
		api_print(user);
	return CLI_OK;
}

int
run_user(struct cli *cli, int argc, char **argv)
{
	const char *role = NULL;
	const struct option_row rows[] = {{"role", 0, OPTION_TEXT, &role}};
	struct err err = {0};
	int rest, status = CLI_OK;

	argc = options_parse(cli, rows, 1, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage("user", "%s", err.text);
	if (argc == 3 && strcmp(argv[1], "add") == 0)
		return add(cli, argv[2], role);
	if (argc == 3 && strcmp(argv[1], "set") == 0)
		return set(cli, argv[2], role);
	if (argc == 2 && strcmp(argv[1], "list") == 0 && role == NULL)
		return listing_show(&users, cli);
	if (argc < 3 || strcmp(argv[1], "rm") != 0 || role != NULL)
		return cli_usage("user", "add, list, set or rm?");
	for (int i = 2; i < argc; i++)
		if (api_call_name(cli, "DELETE", COLLECTION, argv[i], "", NULL,
		    NULL, &err) < 0)
			status = cli_fail(&err);
	return status;
}
