// SPDX-License-Identifier: Apache-2.0
/* sandgate token: secrets that stand for you, at the API and as password. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/listing.h"
#include "cli/options.h"
#include "common/clock.h"
#include "common/parse.h"

struct wishes {
	const char *ttl, *scope, *sandbox, *body, *time, *rate;
};

/* As they are said; the rate is a number. */
static int
add_limits(json_t *body, const struct wishes *wishes, struct err *err)
{
	uint64_t rate;
	int r = api_add_text(body, "max_body", wishes->body, err);

	if (r == 0)
		r = api_add_text(body, "max_request_time", wishes->time, err);
	if (r < 0 || wishes->rate == NULL)
		return r;
	if (parse_u64(wishes->rate, &rate) < 0 || rate > INT64_MAX)
		return err_set(err, EINVAL, "--max-rate: \"%s\" is no number",
		    wishes->rate);
	json_object_set_new(body, "max_rate", json_integer((json_int_t)rate));
	return 0;
}

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
	if (add_limits(body, wishes, &err) < 0)
		return cli_usage("token", "%s", err.text);
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

static void
print_time(const char *title, const json_t *token, const char *member,
    const char *otherwise)
{
	const char *text = api_string(token, member);
	char words[HUMAN_SIZE];

	human_time(text, clock_unix_ms(), words);
	printf("%-12s  %s\n", title, *text != '\0' ? words : otherwise);
}

static void
print_token(const json_t *token)
{
	char size[HUMAN_SIZE] = "the host's";

	printf("%-12s  %.0f\n", "id", api_number(token, "id"));
	printf("%-12s  %s\n", "name", api_string(token, "name"));
	print_time("created", token, "created_at", "");
	print_time("expires", token, "expires_at", "never");
	print_time("last used", token, "last_used_at", "never");
	printf("%-12s  %s\n", "revoked",
	    api_is_true(token, "revoked") ? "yes" : "no");
	printf("%-12s  %s\n", "sandbox", *api_string(token, "sandbox") ==
	    '\0' ? "all" : api_string(token, "sandbox"));
	printf("%-12s  %s\n", "scope", *api_string(token, "scope") == '\0' ?
	    "all that you may" : api_string(token, "scope"));
	if (api_number(token, "max_body_bytes") > 0)
		human_size(api_number(token, "max_body_bytes"), size);
	printf("%-12s  at most %s\n", "a body", size);
	if (api_number(token, "max_request_time") > 0)
		printf("%-12s  at most %.0f s\n", "a request",
		    api_number(token, "max_request_time"));
	if (api_number(token, "max_rate") > 0)
		printf("%-12s  at most %.0f in a second\n", "requests",
		    api_number(token, "max_rate"));
}

/* One of the list. */
static int
show(struct cli *cli, const char *id)
{
	auto_json json_t *answer = NULL;
	const json_t *token;
	struct err err = {0};
	uint64_t wanted;
	size_t i;

	if (api_call(cli, "GET", "/v1/tokens", NULL, &answer, &err) < 0)
		return cli_fail(&err);
	json_array_foreach(json_object_get(answer, "tokens"), i, token) {
		if (parse_u64(id, &wanted) < 0 ||
		    api_number(token, "id") != (double)wanted)
			continue;
		if (cli->is_json)
			api_print(token);
		else
			print_token(token);
		return CLI_OK;
	}
	err_set(&err, ENOENT, "%s: no such token", id);
	return cli_fail(&err);
}

int
run_token(struct cli *cli, int argc, char **argv)
{
	struct wishes wishes = {0};
	const struct option_row rows[] = {
	    {"ttl", 0, OPTION_TEXT, &wishes.ttl},
	    {"scope", 0, OPTION_TEXT, &wishes.scope},
	    {"sandbox", 0, OPTION_TEXT, &wishes.sandbox},
	    {"max-body", 0, OPTION_TEXT, &wishes.body},
	    {"max-request-time", 0, OPTION_TEXT, &wishes.time},
	    {"max-rate", 0, OPTION_TEXT, &wishes.rate}};
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
	if (argc == 3 && strcmp(argv[1], "show") == 0)
		return show(cli, argv[2]);
	if (argc < 3 || strcmp(argv[1], "revoke") != 0)
		return cli_usage("token", "create, list, show or revoke?");
	for (int i = 2; i < argc; i++)
		if (api_call_item(cli, "DELETE", "/v1/tokens", argv[i], NULL,
		    NULL, NULL, &err) < 0)
			status = cli_fail(&err);
	return status;
}
