// SPDX-License-Identifier: Apache-2.0
/* sandgate org: organisations, and what is set for everyone of one. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

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

struct wishes {
	const char *recording, *reach, *sandboxes, *memory, *disk;
	bool must;
};

static void
print_size(const char *title, const json_t *org, const char *member)
{
	char size[HUMAN_SIZE];

	if (!(api_number(org, member) > 0))
		return;
	human_size(api_number(org, member), size);
	printf("%-14s at most %s\n", title, size);
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
	printf("sandboxes      %.0f", api_number(org, "sandboxes"));
	if (api_number(org, "max_sandboxes") > 0)
		printf(" of at most %.0f", api_number(org, "max_sandboxes"));
	puts("");
	print_size("memory", org, "max_memory_bytes");
	print_size("disk", org, "max_disk_bytes");
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
	add(body, "max_sandboxes", wishes->sandboxes);
	add(body, "max_memory", wishes->memory);
	add(body, "max_disk", wishes->disk);
	if (json_object_size(body) == 0)
		return cli_usage("org", "set what? --recording on or off, "
		    "--member-reach shared or own, --max-sandboxes, "
		    "--max-memory, --max-disk");
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
	    {"max-sandboxes", 0, OPTION_TEXT, &wishes.sandboxes},
	    {"max-memory", 0, OPTION_TEXT, &wishes.memory},
	    {"max-disk", 0, OPTION_TEXT, &wishes.disk},
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
	    wishes.sandboxes != NULL || wishes.memory != NULL ||
	    wishes.disk != NULL || (wishes.must && strcmp(verb, "rm") != 0))
		return cli_usage("org", "this option is for another verb");
	if (argc <= 3 && strcmp(verb, "show") == 0)
		return call(cli, "GET", name, NULL);
	if (argc == 2 && strcmp(verb, "list") == 0)
		return listing_show(&orgs, cli);
	if (argc == 3 && strcmp(verb, "create") == 0)
		return create(cli, name);
	if (argc == 3 && strcmp(verb, "rm") == 0)
		return rm(cli, name, wishes.must);
	return cli_usage("org", "create, list, show, set or rm?");
}
