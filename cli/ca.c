// SPDX-License-Identifier: Apache-2.0
/* sandgate ca: whose certificates let your organisation's users in. */
#include <stdio.h>
#include <string.h>

#include "cli/api.h"
#include "cli/options.h"
#include "cli/public_key.h"
#include "cli/table.h"
#include "common/timestamp.h"

static void
print_cas(const json_t *cas)
{
	static const char *const header[] = {"ID", "NAME", "ALGORITHM",
	    "FINGERPRINT", "ADDED"};
	struct table *table = table_new(header, 5);
	char id[HUMAN_SIZE], added[HUMAN_SIZE];
	uint64_t now_ms = timestamp_now_ms();
	const json_t *ca;
	size_t i;

	if (table == NULL)
		return;
	json_array_foreach(cas, i, ca) {
		snprintf(id, sizeof id, "%.0f", api_number(ca, "id"));
		human_time(api_string(ca, "created_at"), now_ms, added);

		const char *const cells[] = {id, api_string(ca, "name"),
		    api_string(ca, "algorithm"),
		    api_string(ca, "fingerprint"), added};

		(void)table_add(table, cells);
	}
	table_print(table, stdout);
	table_free(table);
}

int
run_ca(struct cli *cli, int argc, char **argv)
{
	const char *name = NULL;
	const struct option_row rows[] = {{"name", 'n', OPTION_TEXT, &name}};
	struct err err = {0};
	int rest, status = CLI_OK;

	argc = options_parse(cli, rows, 1, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage("ca", "%s", err.text);
	if (argc == 3 && strcmp(argv[1], "add") == 0)
		return public_key_add(cli, "/v1/ssh-cas", argv[2], name);
	if (argc == 2 && strcmp(argv[1], "list") == 0)
		return api_show_list(cli, "/v1/ssh-cas", "ssh_cas",
		    print_cas);
	if (argc < 3 || strcmp(argv[1], "rm") != 0)
		return cli_usage("ca", "add, list or rm?");
	for (int i = 2; i < argc; i++)
		if (api_call_item(cli, "DELETE", "/v1/ssh-cas", argv[i], NULL,
		    NULL, NULL, &err) < 0)
			status = cli_fail(&err);
	return status;
}
