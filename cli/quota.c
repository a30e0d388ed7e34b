// SPDX-License-Identifier: Apache-2.0
/* sandgate quota: what an organisation may have, and has. */
#include <stdio.h>
#include <string.h>

#include "cli/api.h"
#include "cli/options.h"
#include "cli/table.h"

static void
print_amount(const json_t *quota, const char *member, char ret[HUMAN_SIZE])
{
	const double amount = api_number(quota, member);
	const char *unit = api_string(quota, "unit");

	if (strcmp(unit, "bytes") == 0)
		human_size(amount, ret);
	else if (strcmp(unit, "millicpus") == 0)
		snprintf(ret, HUMAN_SIZE, "%.10g", amount / 1000);
	else
		snprintf(ret, HUMAN_SIZE, "%.0f", amount);
}

static void
print_quotas(const json_t *quotas)
{
	static const char *const header[] = {"LIMIT", "USED", "AT MOST", "OF",
	    "WHAT COUNTS"};
	struct table *table = table_new(header, 5);
	const json_t *quota;
	size_t i;

	if (table == NULL)
		return;
	json_array_foreach(quotas, i, quota) {
		char used[HUMAN_SIZE], limit[HUMAN_SIZE] = "-";
		const char *const cells[] = {api_string(quota, "name"), used,
		    limit, api_string(quota, "scope"),
		    api_string(quota, "about")};

		print_amount(quota, "used", used);
		if (api_number(quota, "limit") > 0)
			print_amount(quota, "limit", limit);
		(void)table_add(table, cells);
	}
	table_print(table, stdout);
	table_free(table);
}

int
run_quota(struct cli *cli, int argc, char **argv)
{
	auto_json json_t *answer = NULL;
	struct err err = {0};
	int rest;

	argc = options_parse(cli, NULL, 0, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage("quota", "%s", err.text);
	if (argc != 1)
		return cli_usage("quota", "no such argument: %s; another "
		    "organisation's is --org NAME", argv[1]);
	if (api_call(cli, "GET", "/v1/quotas", NULL, &answer, &err) < 0)
		return cli_fail(&err);
	if (cli->is_json)
		api_print(answer);
	else
		print_quotas(json_object_get(answer, "quotas"));
	return CLI_OK;
}
