// SPDX-License-Identifier: Apache-2.0
/* sandgate key: the SSH keys that let you in. */
#include <stdio.h>

#include "cli/api.h"
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

int
run_key(struct cli *cli, int argc, char **argv)
{
	static const struct public_key_collection keys = {"/v1/ssh-keys",
	    "ssh_keys", print_keys};

	return public_key_run(cli, &keys, argc, argv);
}
