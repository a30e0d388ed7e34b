// SPDX-License-Identifier: Apache-2.0
/* sandgate key: the SSH keys that let you in. */
#include <stdio.h>
#include <string.h>

#include "cli/api.h"
#include "cli/options.h"
#include "cli/public_key.h"
#include "cli/table.h"
#include "common/timestamp.h"

static void
print_keys(const json_t *keys)
{
	static const char *const header[] = {"ID", "NAME", "ALGORITHM",
	    "FINGERPRINT", "ADDED", "LAST USED"};
	struct table *table = table_new(header, 6);
	char id[HUMAN_SIZE], added[HUMAN_SIZE], used[HUMAN_SIZE];
	uint64_t now_ms = timestamp_now_ms();
	const json_t *key;
	size_t i;

	if (table == NULL)
		return;
	json_array_foreach(keys, i, key) {
		snprintf(id, sizeof id, "%.0f", api_number(key, "id"));
		human_time(api_string(key, "created_at"), now_ms, added);
		human_time(api_string(key, "last_used_at"), now_ms, used);

		const char *const cells[] = {id, api_string(key, "name"),
		    api_string(key, "algorithm"),
		    api_string(key, "fingerprint"), added, used};

		(void)table_add(table, cells);
	}
	table_print(table, stdout);
	table_free(table);
}

static int
list(struct cli *cli)
{
	return api_show_list(cli, "/v1/ssh-keys", "ssh_keys", print_keys);
}

int
run_key(struct cli *cli, int argc, char **argv)
{
	const char *name = NULL;
	const struct option_row rows[] = {{"name", 'n', OPTION_TEXT, &name}};
	struct err err = {0};
	int rest, status = CLI_OK;

	argc = options_parse(cli, rows, 1, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage("key", "%s", err.text);
	if (argc == 3 && strcmp(argv[1], "add") == 0)
		return public_key_add(cli, "/v1/ssh-keys", argv[2], name);
	if (argc == 2 && strcmp(argv[1], "list") == 0)
		return list(cli);
	if (argc < 3 || strcmp(argv[1], "rm") != 0)
		return cli_usage("key", "add, list or rm?");
	for (int i = 2; i < argc; i++)
		if (api_call_item(cli, "DELETE", "/v1/ssh-keys", argv[i],
		    NULL, NULL, NULL, &err) < 0)
			status = cli_fail(&err);
	return status;
}
