// SPDX-License-Identifier: Apache-2.0
/* sandgate snapshot and restore: disks kept as they were. */
#include <stdio.h>
#include <string.h>

#include "cli/listing.h"
#include "cli/options.h"

#define VERB "snapshot"

struct wishes {
	const char *name, *description, *ttl;
};

static const struct listing_column columns[] = {
    {"ID", "id", LISTING_TEXT}, {"NAME", "name", LISTING_TEXT},
    {"SANDBOX", "sandbox", LISTING_TEXT},
    {"TEMPLATE", "template", LISTING_TEXT},
    {"SIZE", "size_bytes", LISTING_BYTES},
    {"CREATED", "created_at", LISTING_TIME},
    {"EXPIRES", "expires_at", LISTING_TIME},
    {"DESCRIPTION", "description", LISTING_TEXT}, {NULL}};

static int
create(struct cli *cli, const char *id, const struct wishes *wishes)
{
	auto_json json_t *body = json_object();
	auto_json json_t *snapshot = NULL;
	struct err err = {0};

	if (api_add_text(body, "name", wishes->name, &err) < 0 ||
	    api_add_text(body, "description", wishes->description, &err) < 0 ||
	    api_add_text(body, "ttl", wishes->ttl, &err) < 0)
		return cli_usage(VERB, "%s", err.text);
	if (api_call_item(cli, "POST", "/v1/sandboxes", id, "snapshots", body,
	    &snapshot, &err) < 0)
		return cli_fail(&err);
	if (cli->is_json)
		api_print(snapshot);
	else
		puts(api_string(snapshot, "id"));
	return CLI_OK;
}

/* All, or those of one sandbox. */
static int
list(struct cli *cli, const char *id)
{
	struct listing listing = {"/v1/snapshots", "snapshots", {{NULL}}};
	auto_json json_t *answer = NULL;
	struct err err = {0};

	memcpy(listing.columns, columns, sizeof columns);
	if (id == NULL)
		return listing_show(&listing, cli);
	if (api_call_item(cli, "GET", "/v1/sandboxes", id, "snapshots", NULL,
	    &answer, &err) < 0)
		return cli_fail(&err);
	if (cli->is_json)
		api_print(answer);
	else
		listing_print(&listing, json_object_get(answer, "snapshots"));
	return CLI_OK;
}

static void
print(const json_t *snapshot)
{
	char size[HUMAN_SIZE], disk[HUMAN_SIZE];

	human_size(api_number(snapshot, "size_bytes"), size);
	human_size(api_number(snapshot, "disk_bytes"), disk);
	printf("id          %s\n", api_string(snapshot, "id"));
	printf("name        %s\n", api_string(snapshot, "name"));
	printf("description %s\n", api_string(snapshot, "description"));
	printf("sandbox     %s\n", api_string(snapshot, "sandbox"));
	printf("template    %s\n", api_string(snapshot, "template"));
	printf("owner       %s%s\n", api_string(snapshot, "owner"),
	    api_is_true(snapshot, "private") ? ", private" : "");
	printf("size        %s of %s\n", size, disk);
	printf("created     %s, its sandbox stood still for %.1f ms\n",
	    api_string(snapshot, "created_at"),
	    api_number(snapshot, "frozen_us") / 1000);
	if (*api_string(snapshot, "expires_at") != '\0')
		printf("expires     %s\n", api_string(snapshot, "expires_at"));
}

static int
show(struct cli *cli, const char *which)
{
	auto_json json_t *snapshot = NULL;
	struct err err = {0};

	if (api_call_name(cli, "GET", "/v1/snapshots", which, "", NULL,
	    &snapshot, &err) < 0)
		return cli_fail(&err);
	if (cli->is_json)
		api_print(snapshot);
	else
		print(snapshot);
	return CLI_OK;
}

/* Every one named, also after one that failed. */
static int
remove_all(struct cli *cli, int n, char **which)
{
	struct err err = {0};
	int status = CLI_OK;

	for (int i = 0; i < n; i++)
		if (api_call_name(cli, "DELETE", "/v1/snapshots", which[i],
		    "", NULL, NULL, &err) < 0)
			status = cli_fail(&err);
	return status;
}

int
run_snapshot(struct cli *cli, int argc, char **argv)
{
	struct wishes wishes = {0};
	const struct option_row rows[] = {
	    {"name", 'n', OPTION_TEXT, &wishes.name},
	    {"description", 'D', OPTION_TEXT, &wishes.description},
	    {"ttl", 0, OPTION_TEXT, &wishes.ttl}};
	struct err err = {0};
	int rest;

	argc = options_parse(cli, rows, sizeof rows / sizeof *rows, argc, argv,
	    &rest, &err);
	if (argc < 0)
		return cli_usage(VERB, "%s", err.text);
	if (argc == 3 && strcmp(argv[1], "create") == 0)
		return create(cli, argv[2], &wishes);
	if ((argc == 2 || argc == 3) && strcmp(argv[1], "list") == 0)
		return list(cli, argc == 3 ? argv[2] : NULL);
	if (argc == 3 && strcmp(argv[1], "show") == 0)
		return show(cli, argv[2]);
	if (argc < 3 || strcmp(argv[1], "rm") != 0)
		return cli_usage(VERB, "create, list, show or rm?");
	return remove_all(cli, argc - 2, argv + 2);
}

int
run_restore(struct cli *cli, int argc, char **argv)
{
	auto_json json_t *body = json_object();
	auto_json json_t *sandbox = NULL;
	struct err err = {0};
	int rest;

	argc = options_parse(cli, NULL, 0, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage("restore", "%s", err.text);
	if (argc != 3)
		return cli_usage("restore", "name a sandbox and a snapshot");
	if (api_add_text(body, "snapshot", argv[2], &err) < 0)
		return cli_usage("restore", "%s", err.text);
	if (api_call_item(cli, "POST", "/v1/sandboxes", argv[1], "restore",
	    body, &sandbox, &err) < 0)
		return cli_fail(&err);
	if (cli->is_json)
		api_print(sandbox);
	return CLI_OK;
}
