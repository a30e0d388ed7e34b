// SPDX-License-Identifier: Apache-2.0
/* sandgate recordings: what was recorded, the newest first. */
#include <stdio.h>
#include <string.h>

#include "cli/listing.h"
#include "cli/options.h"

#define PATH "/v1/recordings"

static const struct listing recordings = {PATH, "recordings",
    {{"ID", "id", LISTING_TEXT}, {"KIND", "kind", LISTING_TEXT},
	{"SANDBOX", "sandbox", LISTING_TEXT}, {"USER", "user", LISTING_TEXT},
	{"BEGAN", "started_at", LISTING_TIME},
	{"SECONDS", "duration_ms", LISTING_SECONDS},
	{"SIZE", "bytes", LISTING_BYTES}, {NULL}}};

/* Adds what one page tells to *all. 1 where there is another page. */
static int
get_page(const struct cli *cli, char before[TABLE_CELL_SIZE], json_t *all,
    struct err *err)
{
	auto_json json_t *page = NULL;
	char path[sizeof PATH + sizeof "?before=" + TABLE_CELL_SIZE];
	int r;

	snprintf(path, sizeof path, "%s%s%s", PATH,
	    *before != '\0' ? "?before=" : "", before);
	r = api_call(cli, "GET", path, NULL, &page, err);
	if (r < 0)
		return r;
	(void)json_array_extend(all, json_object_get(page, "recordings"));
	snprintf(before, TABLE_CELL_SIZE, "%s", api_string(page, "next"));
	return *before != '\0';
}

int
run_recordings(struct cli *cli, int argc, char **argv)
{
	bool is_all = false;
	const struct option_row rows[] = {{"all", 'a', OPTION_FLAG, &is_all}};
	auto_json json_t *all = json_array();
	auto_json json_t *answer = NULL;
	char before[TABLE_CELL_SIZE] = "";
	struct err err = {0};
	int rest, r;

	argc = options_parse(cli, rows, 1, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage("recordings", "%s", err.text);
	if (argc != 1)
		return cli_usage("recordings", "no such argument: %s", argv[1]);
	do
		r = get_page(cli, before, all, &err);
	while (r > 0 && is_all);
	if (r < 0)
		return cli_fail(&err);
	if (cli->is_json) {
		answer = json_pack("{s:O}", "recordings", all);
		api_print(answer);
		return CLI_OK;
	}
	listing_print(&recordings, all);
	if (r > 0)
		fprintf(stderr, "There are older ones: --all lists them.\n");
	return CLI_OK;
}
