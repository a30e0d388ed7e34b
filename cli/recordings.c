// SPDX-License-Identifier: Apache-2.0
/* sandgate recordings: what was recorded, the newest first. */
#include <stdio.h>
#include <string.h>

#include "cli/api.h"
#include "cli/options.h"
#include "cli/table.h"
#include "common/timestamp.h"

#define PATH "/v1/recordings"

static void
print_recordings(const json_t *recordings)
{
	static const char *const header[] = {"ID", "KIND", "SANDBOX", "USER",
	    "BEGAN", "SECONDS", "SIZE"};
	struct table *table = table_new(header, 7);
	char began[HUMAN_SIZE], seconds[HUMAN_SIZE], size[HUMAN_SIZE];
	uint64_t now_ms = timestamp_now_ms();
	const json_t *recording;
	size_t i;

	if (table == NULL)
		return;
	json_array_foreach(recordings, i, recording) {
		human_time(api_string(recording, "started_at"), now_ms, began);
		human_size(api_number(recording, "bytes"), size);
		snprintf(seconds, sizeof seconds, "%.1f",
		    api_number(recording, "duration_ms") / 1000);

		const char *const cells[] = {api_string(recording, "id"),
		    api_string(recording, "kind"),
		    api_string(recording, "sandbox"),
		    api_string(recording, "user"), began, seconds, size};

		(void)table_add(table, cells);
	}
	table_print(table, stdout);
	table_free(table);
}

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
	print_recordings(all);
	if (r > 0)
		fprintf(stderr, "There are older ones: --all lists them.\n");
	return CLI_OK;
}
