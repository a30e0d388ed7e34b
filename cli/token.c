// SPDX-License-Identifier: Apache-2.0
/* sandgate token: secrets that stand for you, at the API and as password. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/listing.h"
#include "cli/options.h"
#include "common/parse.h"

struct wishes {
	const char *ttl, *scope, *sandbox;
};

static int
create(struct cli *cli, const char *name, const struct wishes *wishes)
{
	const char *ttl = wishes->ttl;
	auto_json json_t *body = json_object();
	auto_json json_t *token = NULL;
	struct err err = {0};
	uint64_t ttl_s;

	json_object_set_new(body, "name", json_string(name));
	if (ttl != NULL) {
		if (parse_seconds(ttl, &ttl_s) < 0 || ttl_s == 0 ||
		    ttl_s > INT64_MAX)
			return cli_usage("token",
			    "--ttl: \"%s\" is not a time such as 12h or 30d",
			    ttl);
		json_object_set_new(body, "ttl_seconds",
		    json_integer((json_int_t)ttl_s));
	}
	if (wishes->scope != NULL)
		json_object_set_new(body, "scope",
		    json_string(wishes->scope));
	if (wishes->sandbox != NULL)
		json_object_set_new(body, "sandbox",
		    json_string(wishes->sandbox));
	if (api_call(cli, "POST", "/v1/tokens", body, &token, &err) < 0)
		return cli_fail(&err);
	if (cli->is_json) {
		api_print(token);
	} else {
		puts(api_string(token, "token"));
		fprintf(stderr, "Keep it now: it is shown this once.\n");
	}
	return CLI_OK;
}

static const struct listing tokens = {"/v1/tokens", "tokens",
    {{"ID", "id", LISTING_NUMBER}, {"NAME", "name", LISTING_TEXT},
	{"CREATED", "created_at", LISTING_TIME},
	{"EXPIRES", "expires_at", LISTING_TIME},
	{"LAST USED", "last_used_at", LISTING_TIME},
	{"REVOKED", "revoked", LISTING_BOOLEAN},
	{"SANDBOX", "sandbox", LISTING_TEXT},
	{"SCOPE", "scope", LISTING_TEXT}, {NULL}}};

int
run_token(struct cli *cli, int argc, char **argv)
{
	struct wishes wishes = {0};
	const struct option_row rows[] = {
	    {"ttl", 0, OPTION_TEXT, &wishes.ttl},
	    {"scope", 0, OPTION_TEXT, &wishes.scope},
	    {"sandbox", 0, OPTION_TEXT, &wishes.sandbox}};
	struct err err = {0};
	int rest, status = CLI_OK;

	argc = options_parse(cli, rows, sizeof rows / sizeof *rows, argc, argv,
	    &rest, &err);
	if (argc < 0)
		return cli_usage("token", "%s", err.text);
	if (argc == 3 && strcmp(argv[1], "create") == 0)
		return create(cli, argv[2], &wishes);
	if (argc == 2 && strcmp(argv[1], "list") == 0)
		return listing_show(&tokens, cli);
	if (argc < 3 || strcmp(argv[1], "revoke") != 0)
		return cli_usage("token", "create, list or revoke?");
	for (int i = 2; i < argc; i++)
		if (api_call_item(cli, "DELETE", "/v1/tokens", argv[i], NULL,
		    NULL, NULL, &err) < 0)
			status = cli_fail(&err);
	return status;
}
