// SPDX-License-Identifier: Apache-2.0
/* sandgate expose, services and unexpose: what of a sandbox is served to those
 * outside. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/listing.h"
#include "cli/options.h"
#include "common/parse.h"

#define TTL_S	  3600 /* of the preview that comes along */
#define TTL_MAX_S (30 * 86400)

struct wishes {
	const char *name, *token, *header, *prefix, *ttl, *timeout, *rate;
	struct option_list methods;
	bool is_public, has_token, has_no_resume;
};

static const struct listing_column columns[] = {
    {"NAME", "name", LISTING_TEXT}, {"PORT", "port", LISTING_NUMBER},
    {"AUTH", "auth", LISTING_TEXT}, {"URL", "url", LISTING_TEXT}, {NULL}};

static void
set(json_t *body, const char *name, json_t *value)
{
	(void)json_object_set_new(body, name, value);
}

/* Of which kind, by what was given; NULL: of none. */
static const char *
auth_of(const struct wishes *wishes)
{
	const bool has_secret = wishes->has_token || wishes->token != NULL;

	if (wishes->is_public)
		return has_secret || wishes->header != NULL ? NULL : "none";
	if (wishes->header != NULL)
		return "header";
	return has_secret ? "bearer" : "preview";
}

static int
body_of(const struct wishes *wishes, uint64_t port, json_t **ret,
    struct err *err)
{
	char name[32];
	json_t *body = json_pack("{s:I}", "port", (json_int_t)port);
	uint64_t number;
	int r;

	*ret = body;
	snprintf(name, sizeof name, "port-%llu", (unsigned long long)port);
	set(body, "auth", json_string(auth_of(wishes)));
	r = api_add_text(body, "name", wishes->name != NULL ? wishes->name :
	    name, err);
	if (r == 0)
		r = api_add_text(body, "token", wishes->token, err);
	if (r == 0)
		r = api_add_text(body, "header", wishes->header, err);
	if (r == 0)
		r = api_add_text(body, "path_prefix", wishes->prefix, err);
	if (wishes->timeout != NULL) {
		if (parse_seconds(wishes->timeout, &number) < 0 ||
		    number == 0)
			return err_set(err, EINVAL, "--timeout: \"%s\" is "
			    "not a time such as 90s or 5m", wishes->timeout);
		set(body, "timeout", json_integer((json_int_t)number));
	}
	if (wishes->rate != NULL) {
		if (parse_u64(wishes->rate, &number) < 0 || number == 0)
			return err_set(err, EINVAL, "--rate: \"%s\" is not a "
			    "number of requests a second", wishes->rate);
		set(body, "rate_limit", json_integer((json_int_t)number));
	}
	if (wishes->methods.n > 0) {
		json_t *methods = json_array();

		for (size_t i = 0; i < wishes->methods.n; i++)
			(void)json_array_append_new(methods,
			    json_string(wishes->methods.items[i]));
		set(body, "methods", methods);
	}
	if (wishes->has_no_resume)
		set(body, "resume", json_false());
	return r;
}

/* The URL alone on standard output; what opens it is part of it, where that is
 * a preview's token. */
static void
print(const json_t *service, const json_t *preview)
{
	const char *url = api_string(service, "url");
	const char *token = api_string(service, "token");

	if (*url == '\0')
		fprintf(stderr, "This host serves no services: [proxy] listen "
		    "is empty in its configuration.\n");
	else if (preview != NULL)
		printf("%s?sandgate_preview=%s\n", url,
		    api_string(preview, "token"));
	else
		puts(url);
	fflush(stdout);
	if (preview != NULL)
		fprintf(stderr, "Whoever has this URL may use it until %s; "
		    "`sandgate preview` makes others.\n",
		    api_string(preview, "expires_at"));
	else if (*token != '\0' && strcmp(api_string(service, "auth"),
	    "header") == 0)
		fprintf(stderr, "Keep it now, it is shown this once. "
		    "It takes the header\n  %s: %s\n",
		    api_string(service, "header"), token);
	else if (*token != '\0')
		fprintf(stderr, "Keep it now, it is shown this once. "
		    "It takes the header\n  Authorization: Bearer %s\n",
		    token);
}

static int
make_preview(struct cli *cli, const char *id, uint64_t port, uint64_t ttl_s,
    json_t **ret, struct err *err)
{
	auto_json json_t *body = json_pack("{s:I, s:I}", "port",
	    (json_int_t)port, "ttl_seconds", (json_int_t)ttl_s);

	return api_call_item(cli, "POST", "/v1/sandboxes", id, "previews",
	    body, ret, err);
}

static int
read_ttl(const char *ttl, uint64_t *ret)
{
	*ret = TTL_S;
	return ttl != NULL && (parse_seconds(ttl, ret) < 0 || *ret == 0 ||
	    *ret > TTL_MAX_S) ? -EINVAL : 0;
}

int
run_expose(struct cli *cli, int argc, char **argv)
{
	struct wishes wishes = {0};
	const struct option_row rows[] = {
	    {"name", 'n', OPTION_TEXT, &wishes.name},
	    {"public", 0, OPTION_FLAG, &wishes.is_public},
	    {"bearer", 0, OPTION_FLAG, &wishes.has_token},
	    {"token", 0, OPTION_TEXT, &wishes.token},
	    {"header", 0, OPTION_TEXT, &wishes.header},
	    {"method", 0, OPTION_LIST, &wishes.methods},
	    {"path-prefix", 0, OPTION_TEXT, &wishes.prefix},
	    {"timeout", 0, OPTION_TEXT, &wishes.timeout},
	    {"rate", 0, OPTION_TEXT, &wishes.rate},
	    {"ttl", 0, OPTION_TEXT, &wishes.ttl},
	    {"no-resume", 0, OPTION_FLAG, &wishes.has_no_resume}};
	auto_json json_t *body = NULL;
	auto_json json_t *service = NULL;
	auto_json json_t *preview = NULL;
	struct err err = {0};
	uint64_t port, ttl_s;
	int rest;

	argc = options_parse(cli, rows, sizeof rows / sizeof *rows, argc, argv,
	    &rest, &err);
	if (argc < 0)
		return cli_usage("expose", "%s", err.text);
	if (argc != 3)
		return cli_usage("expose", "name a sandbox and a port");
	if (parse_u64(argv[2], &port) < 0 || port < 1 || port > UINT16_MAX)
		return cli_usage("expose", "\"%s\" is not a port", argv[2]);
	if (auth_of(&wishes) == NULL)
		return cli_usage("expose", "--public is without --bearer, "
		    "--token and --header");
	if (read_ttl(wishes.ttl, &ttl_s) < 0)
		return cli_usage("expose", "--ttl: \"%s\" is not a time of at "
		    "most 30d, such as 15m or 1h", wishes.ttl);
	if (body_of(&wishes, port, &body, &err) < 0)
		return cli_usage("expose", "%s", err.text);
	if (api_call_item(cli, "POST", "/v1/sandboxes", argv[1], "services",
	    body, &service, &err) < 0)
		return cli_fail(&err);
	if (strcmp(auth_of(&wishes), "preview") == 0 &&
	    make_preview(cli, argv[1], port, ttl_s, &preview, &err) < 0)
		return cli_fail(&err);
	if (preview != NULL)
		set(service, "preview", json_incref(preview));
	if (cli->is_json)
		api_print(service);
	else
		print(service, preview);
	return CLI_OK;
}

int
run_preview(struct cli *cli, int argc, char **argv)
{
	const char *ttl = NULL;
	const struct option_row rows[] = {{"ttl", 0, OPTION_TEXT, &ttl}};
	auto_json json_t *preview = NULL;
	struct err err = {0};
	uint64_t port, ttl_s;
	int rest;

	argc = options_parse(cli, rows, 1, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage("preview", "%s", err.text);
	if (argc != 3)
		return cli_usage("preview", "name a sandbox and a port");
	if (parse_u64(argv[2], &port) < 0 || port < 1 || port > UINT16_MAX)
		return cli_usage("preview", "\"%s\" is not a port", argv[2]);
	if (read_ttl(ttl, &ttl_s) < 0)
		return cli_usage("preview", "--ttl: \"%s\" is not a time of "
		    "at most 30d, such as 15m or 1h", ttl);
	if (make_preview(cli, argv[1], port, ttl_s, &preview, &err) < 0)
		return cli_fail(&err);
	if (cli->is_json)
		api_print(preview);
	else if (*api_string(preview, "url") != '\0')
		printf("%s?sandgate_preview=%s\n", api_string(preview, "url"),
		    api_string(preview, "token"));
	else
		puts(api_string(preview, "token"));
	return CLI_OK;
}

int
run_services(struct cli *cli, int argc, char **argv)
{
	struct listing listing = {"", "services", {{NULL}}};
	auto_json json_t *answer = NULL;
	struct err err = {0};
	int rest;

	memcpy(listing.columns, columns, sizeof columns);
	argc = options_parse(cli, NULL, 0, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage("services", "%s", err.text);
	if (argc != 2)
		return cli_usage("services", "name one sandbox");
	if (api_call_item(cli, "GET", "/v1/sandboxes", argv[1], "services",
	    NULL, &answer, &err) < 0)
		return cli_fail(&err);
	if (cli->is_json)
		api_print(answer);
	else
		listing_print(&listing, json_object_get(answer, "services"));
	return CLI_OK;
}

int
run_unexpose(struct cli *cli, int argc, char **argv)
{
	char suffix[128];
	struct err err = {0};
	int rest;

	argc = options_parse(cli, NULL, 0, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage("unexpose", "%s", err.text);
	if (argc != 3 || !name_is_valid(argv[2]))
		return cli_usage("unexpose", "name a sandbox and one of its "
		    "services");
	snprintf(suffix, sizeof suffix, "services/%s", argv[2]);
	if (api_call_item(cli, "DELETE", "/v1/sandboxes", argv[1], suffix,
	    NULL, NULL, &err) < 0)
		return cli_fail(&err);
	return CLI_OK;
}
