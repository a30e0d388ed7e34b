// SPDX-License-Identifier: Apache-2.0
/* sandgate usage: how long sandboxes ran, and with how much memory. */
#include <errno.h>
#include <stdio.h>

#include "cli/api.h"
#include "cli/options.h"
#include "cli/table.h"
#include "common/timestamp.h"

#define PAGE	  1000 /* of the API's, at most */
#define PATH_SIZE 128
#define HOUR_MS	  (3600.0 * 1000)
#define GIB	  (1024.0 * 1024 * 1024)

struct total {
	double hours, gib_hours;
};

static double
hours_of(const json_t *window)
{
	uint64_t from_ms = 0, to_ms = 0;

	(void)timestamp_parse(api_string(window, "from"), &from_ms);
	(void)timestamp_parse(api_string(window, "to"), &to_ms);
	return to_ms > from_ms ? (double)(to_ms - from_ms) / HOUR_MS : 0;
}

static void
add_row(struct table *table, const char *id, const char *from,
    const char *to, const char *memory, const struct total *of)
{
	char hours[HUMAN_SIZE], gib_hours[HUMAN_SIZE];
	const char *const cells[] = {id, from, to, hours, memory, gib_hours};

	snprintf(hours, sizeof hours, "%.3f", of->hours);
	snprintf(gib_hours, sizeof gib_hours, "%.3f", of->gib_hours);
	(void)table_add(table, cells);
}

static void
print_usage(const json_t *usage)
{
	static const char *const header[] = {"SANDBOX", "FROM", "TO", "HOURS",
	    "MEMORY", "GIB HOURS"};
	struct table *table = table_new(header, 6);
	struct total all = {0};
	const json_t *window;
	size_t i;

	if (table == NULL)
		return;
	json_array_foreach(usage, i, window) {
		const double bytes = api_number(window, "memory_bytes");
		struct total one = {.hours = hours_of(window)};
		char memory[HUMAN_SIZE];

		one.gib_hours = one.hours * bytes / GIB;
		all.hours += one.hours;
		all.gib_hours += one.gib_hours;
		human_size(bytes, memory);
		add_row(table, api_string(window, "sandbox"),
		    api_string(window, "from"), api_string(window, "to"),
		    memory, &one);
	}
	add_row(table, "all", "", "", "", &all);
	table_print(table, stdout);
	table_free(table);
}

/* All pages, one after the other, onto a list. */
static int
get_all(const struct cli *cli, json_t *ret, struct err *err)
{
	double next = 0;
	bool is_more = true;
	int r = 0;

	while (r == 0 && is_more) {
		auto_json json_t *answer = NULL;
		char path[PATH_SIZE];

		snprintf(path, sizeof path, "/v1/usage?limit=%d&since=%.0f",
		    PAGE, next);
		r = api_call(cli, "GET", path, NULL, &answer, err);
		if (r == 0 && json_array_extend(ret, json_object_get(answer,
		    "usage")) < 0)
			r = err_set(err, ENOMEM, "out of memory");
		is_more = api_is_true(answer, "more");
		next = api_number(answer, "next");
	}
	return r;
}

int
run_usage(struct cli *cli, int argc, char **argv)
{
	auto_json json_t *usage = json_array();
	struct err err = {0};
	int rest;

	argc = options_parse(cli, NULL, 0, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage("usage", "%s", err.text);
	if (argc != 1)
		return cli_usage("usage", "no such argument: %s; another "
		    "organisation's is --org NAME", argv[1]);
	if (get_all(cli, usage, &err) < 0)
		return cli_fail(&err);
	if (cli->is_json)
		api_print(usage);
	else
		print_usage(usage);
	return CLI_OK;
}
