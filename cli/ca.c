// SPDX-License-Identifier: Apache-2.0
/* sandgate ca: whose certificates let your organisation's users in. */
#include <stdio.h>

#include "cli/api.h"
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
	static const struct public_key_collection keys = {"/v1/ssh-cas",
	    "ssh_cas", print_cas};

	return public_key_run(cli, &keys, argc, argv);
}
