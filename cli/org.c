// SPDX-License-Identifier: Apache-2.0
/* sandgate org: organisations, and what is set for everyone of one. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/egress.h"
#include "cli/listing.h"
#include "cli/options.h"

#define OWN	   "/v1/organisation"
#define COLLECTION "/v1/organisations"

static const struct listing orgs = {COLLECTION, "organisations",
    {{"NAME", "name", LISTING_TEXT}, {"USERS", "users", LISTING_NUMBER},
	{"SANDBOXES", "sandboxes", LISTING_NUMBER},
	{"RECORDING", "recording", LISTING_BOOLEAN},
	{"MEMBERS REACH", "member_reach", LISTING_TEXT},
	{"CREATED", "created_at", LISTING_TIME}, {NULL}}};

/* Limits in the order of common/org_limit.def. */
enum limit {
#define ORG_LIMIT(NAME, ...) LIMIT_##NAME,
#include "common/org_limit.def"
	N_LIMIT
};

struct wishes {
	const char *recording, *reach, *limits[N_LIMIT];
	bool must;
};

/* One that there is; unit NULL: bytes. */
static void
print_limit(const char *option, const json_t *org, const char *member,
    const char *unit)
{
	const double value = api_number(org, member);
	char size[HUMAN_SIZE];

	if (!(value > 0))
		return;
	human_size(value, size);
	printf("%-21s  at most ", option);
	if (unit != NULL)
		printf("%.0f%s\n", value, unit);
	else
		printf("%s\n", size);
}

static void
print_limits(const json_t *org)
{
#define PRINT_COUNT(option, name)                                              \
	print_limit(option, org, "max_" #name, "");
#define PRINT_SIZE(option, name)                                               \
	print_limit(option, org, "max_" #name "_bytes", NULL);
#define PRINT_SECONDS(option, name)                                            \
	print_limit(option, org, "max_" #name, " s");
#define ORG_LIMIT(NAME, name, field, kind, option, ...)                        \
	PRINT_##kind(&option[sizeof "max"], name)
#include "common/org_limit.def"
}

static int
print_org(const struct cli *cli, const json_t *org)
{
	if (cli->is_json) {
		api_print(org);
		return CLI_OK;
	}
	printf("name           %s\n", api_string(org, "name"));
	printf("recording      %s\n",
	    api_is_true(org, "recording") ? "on" : "off");
	printf("members reach  %s\n", api_string(org, "member_reach"));
	printf("users          %.0f\n", api_number(org, "users"));
	printf("sandboxes      %.0f\n", api_number(org, "sandboxes"));
	print_limits(org);
	return CLI_OK;
}

/* name NULL = the caller's. */
static int
call(struct cli *cli, const char *method, const char *name, const json_t *body)
{
	auto_json json_t *org = NULL;
	struct err err = {0};
	int r = name == NULL ? api_call(cli, method, OWN, body, &org, &err) :
	    api_call_name(cli, method, COLLECTION, name, "", body, &org, &err);

	return r < 0 ? cli_fail(&err) : print_org(cli, org);
}

static int
show(struct cli *cli, const char *name)
{
	int r = call(cli, "GET", name, NULL);

	if (r == CLI_OK && name == NULL && !cli->is_json)
		egress_print_totals(cli);
	return r;
}

static int
create(struct cli *cli, const char *name)
{
	auto_json json_t *body = json_pack("{s:s}", "name", name);
	auto_json json_t *org = NULL;
	struct err err = {0};

	if (api_call(cli, "POST", COLLECTION, body, &org, &err) < 0)
		return cli_fail(&err);
	return cli->is_json ? print_org(cli, org) : CLI_OK;
}

static void
add(json_t *body, const char *name, const char *text)
{
	if (text != NULL)
		json_object_set_new(body, name, json_string(text));
}

static bool
has_limits(const struct wishes *wishes)
{
	for (unsigned i = 0; i < N_LIMIT; i++)
		if (wishes->limits[i] != NULL)
			return true;
	return false;
}

static int
set(struct cli *cli, const char *name, const struct wishes *wishes)
{
	auto_json json_t *body = json_object();
	const char *recording = wishes->recording;

	if (recording != NULL && strcmp(recording, "on") != 0 &&
	    strcmp(recording, "off") != 0)
		return cli_usage("org", "--recording: \"%s\" is not on or off",
		    recording);
	if (recording != NULL)
		json_object_set_new(body, "recording",
		    json_boolean(strcmp(recording, "on") == 0));
	add(body, "member_reach", wishes->reach);
#define ORG_LIMIT(NAME, name, ...)                                             \
	add(body, "max_" #name, wishes->limits[LIMIT_##NAME]);
#include "common/org_limit.def"
	if (json_object_size(body) == 0)
		return cli_usage("org", "set what? --recording on or off, "
		    "--member-reach shared or own, or a limit, such as "
		    "--max-sandboxes");
	return call(cli, "PATCH", name, body);
}

static int
rm(struct cli *cli, const char *name, bool must)
{
	struct err err = {0};

	if (api_call_name(cli, "DELETE", COLLECTION, name,
	    must ? "?force=1" : "", NULL, NULL, &err) == 0)
		return CLI_OK;
	return cli_fail(&err);
}

int
run_org(struct cli *cli, int argc, char **argv)
{
	struct wishes wishes = {0};
	const struct option_row rows[] = {
	    {"recording", 0, OPTION_TEXT, &wishes.recording},
	    {"member-reach", 0, OPTION_TEXT, &wishes.reach},
#define ORG_LIMIT(NAME, name, field, kind, option, ...)                        \
	    {option, 0, OPTION_TEXT, &wishes.limits[LIMIT_##NAME]},
#include "common/org_limit.def"
	    {"force", 0, OPTION_FLAG, &wishes.must}};
	struct err err = {0};
	const char *verb, *name;
	int rest;

	argc = options_parse(cli, rows, sizeof rows / sizeof *rows, argc, argv,
	    &rest, &err);
	if (argc < 0)
		return cli_usage("org", "%s", err.text);
	verb = argc > 1 ? argv[1] : "";
	name = argc == 3 ? argv[2] : NULL;
	if (argc <= 3 && strcmp(verb, "set") == 0 && !wishes.must)
		return set(cli, name, &wishes);
	if (wishes.recording != NULL || wishes.reach != NULL ||
	    has_limits(&wishes) || (wishes.must && strcmp(verb, "rm") != 0))
		return cli_usage("org", "this option is for another verb");
	if (strcmp(verb, "egress") == 0)
		return egress_run_ceiling(cli, argc - 1, argv + 1);
	if (argc <= 3 && strcmp(verb, "show") == 0)
		return show(cli, name);
	if (argc == 2 && strcmp(verb, "list") == 0)
		return listing_show(&orgs, cli);
	if (argc == 3 && strcmp(verb, "create") == 0)
		return create(cli, name);
	if (argc == 3 && strcmp(verb, "rm") == 0)
		return rm(cli, name, wishes.must);
	return cli_usage("org", "create, list, show, set, egress or rm?");
}
