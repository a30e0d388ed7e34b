// SPDX-License-Identifier: Apache-2.0
/* sandgate ssh-token: somebody else into one sandbox, for a while. */
#include <stdio.h>
#include <string.h>

#include "cli/api.h"
#include "cli/options.h"
#include "common/parse.h"

#define TTL_S	  3600
#define TTL_MAX_S 86400

struct wishes {
	bool is_sftp_only, is_read_only, has_no_forward;
	const char *ttl, *name;
};

static json_t *
body_of(const struct wishes *wishes, uint64_t ttl_s)
{
	char scope[64] = "";
	json_t *body = json_pack("{s:I}", "ttl_seconds", (json_int_t)ttl_s);

	snprintf(scope, sizeof scope, "%s%s%s",
	    wishes->is_sftp_only ? ",sftp-only" : "",
	    wishes->is_read_only ? ",read-only" : "",
	    wishes->has_no_forward ? ",no-forward" : "");
	if (scope[0] != '\0')
		json_object_set_new(body, "scope", json_string(scope + 1));
	if (wishes->name != NULL)
		json_object_set_new(body, "name", json_string(wishes->name));
	return body;
}

/* The token alone on standard output, how to use it on standard error. */
static void
print_access(const json_t *access)
{
	const char *scope = api_string(access, "scope");
	bool has_shell = *scope == '\0' || strcmp(scope, "no-forward") == 0;

	puts(api_string(access, "token"));
	fflush(stdout);
	fprintf(stderr, "Keep it now: it is shown this once. Until %s it is "
	    "the password of\n  %s %.0f %s@%s\n",
	    api_string(access, "expires_at"), has_shell ? "ssh -p" : "sftp -P",
	    api_number(access, "port"), api_string(access, "username"),
	    api_string(access, "host"));
	if (*scope != '\0')
		fprintf(stderr, "within the scope %s. ", scope);
	fprintf(stderr, "`sandgate token revoke %.0f` ends it.\n",
	    api_number(access, "token_id"));
}

int
run_ssh_token(struct cli *cli, int argc, char **argv)
{
	struct wishes wishes = {0};
	const struct option_row rows[] = {
	    {"ttl", 0, OPTION_TEXT, &wishes.ttl},
	    {"name", 'n', OPTION_TEXT, &wishes.name},
	    {"sftp-only", 0, OPTION_FLAG, &wishes.is_sftp_only},
	    {"read-only", 0, OPTION_FLAG, &wishes.is_read_only},
	    {"no-forward", 0, OPTION_FLAG, &wishes.has_no_forward},
	};
	auto_json json_t *body = NULL;
	auto_json json_t *access = NULL;
	struct err err = {0};
	uint64_t ttl_s = TTL_S;
	int rest;

	argc = options_parse(cli, rows, 5, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage("ssh-token", "%s", err.text);
	if (argc != 2)
		return cli_usage("ssh-token", "name one sandbox");
	if (wishes.ttl != NULL && (parse_seconds(wishes.ttl, &ttl_s) < 0 ||
	    ttl_s == 0 || ttl_s > TTL_MAX_S))
		return cli_usage("ssh-token", "--ttl: \"%s\" is not a time of "
		    "at most a day, such as 90s, 15m or 1h", wishes.ttl);
	body = body_of(&wishes, ttl_s);
	if (api_call_item(cli, "POST", "/v1/sandboxes", argv[1], "ssh-access",
	    body, &access, &err) < 0)
		return cli_fail(&err);
	if (cli->is_json)
		api_print(access);
	else
		print_access(access);
	return CLI_OK;
}
