// SPDX-License-Identifier: Apache-2.0
/* sandgate status: fails where a part of the service is away. */
#include <stdio.h>
#include <string.h>

#include "cli/api.h"
#include "cli/options.h"
#include "cli/table.h"
#include "common/clock.h"

/* A count, or bytes as people read them; "-" for none. */
static void
print_amount(const json_t *resource, const char *member, char ret[HUMAN_SIZE])
{
	double amount = api_number(resource, member);

	if (amount == 0)
		snprintf(ret, HUMAN_SIZE, "-");
	else if (strcmp(api_string(resource, "unit"), "bytes") == 0)
		human_size(amount, ret);
	else
		snprintf(ret, HUMAN_SIZE, "%.0f", amount);
}

/* What the host has one of, and what one sandbox may take of it. */
static void
print_resources(const json_t *resources)
{
	static const char *const header[] = {"HOST", "THERE IS", "IN USE",
	    "A SANDBOX AT MOST"};
	struct table *table = table_new(header, 4);
	const json_t *resource;
	size_t i;

	if (table == NULL)
		return;
	json_array_foreach(resources, i, resource) {
		char bound[HUMAN_SIZE], used[HUMAN_SIZE], share[HUMAN_SIZE];
		const char *const cells[] = {api_string(resource, "name"),
		    bound, used, share};

		print_amount(resource, "bound", bound);
		print_amount(resource, "used", used);
		print_amount(resource, "share", share);
		(void)table_add(table, cells);
	}
	putchar('\n');
	table_print(table, stdout);
	table_free(table);
}

static void
print_status(const json_t *status)
{
	const json_t *daemon = json_object_get(status, "sandboxd");
	uint64_t now_ms = clock_unix_ms();
	char since[HUMAN_SIZE], total[HUMAN_SIZE], available[HUMAN_SIZE];

	human_time(api_string(status, "gateway.started_at"), now_ms, since);
	printf("you        %s of %s\n", api_string(status, "identity.user"),
	    api_string(status, "identity.org"));
	printf("gateway    %s, started %s, %.0f connections, SSH at %s:%.0f\n",
	    api_string(status, "gateway.version"), since,
	    api_number(status, "gateway.connections"),
	    api_string(status, "gateway.ssh.host"),
	    api_number(status, "gateway.ssh.port"));
	if (!json_is_object(daemon)) {
		puts("sandboxd   not running");
		return;
	}
	human_time(api_string(daemon, "started_at"), now_ms, since);
	human_size(api_number(daemon, "disk_total_bytes"), total);
	human_size(api_number(daemon, "disk_free_bytes"), available);
	printf("sandboxd   %s, started %s, cgroup %s, disk %s\n",
	    api_string(daemon, "version"), since,
	    api_string(daemon, "cgroup_backend"),
	    api_string(daemon, "disk_backend"));
	printf("sandboxes  %.0f of at most %.0f\n",
	    api_number(daemon, "sandboxes"),
	    api_number(daemon, "sandboxes_max"));
	printf("disk       %s free of %s\n", available, total);
	print_resources(json_object_get(daemon, "resources"));
}

int
run_status(struct cli *cli, int argc, char **argv)
{
	auto_json json_t *status = NULL;
	struct err err = {0};
	int rest;

	argc = options_parse(cli, NULL, 0, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage("status", "%s", err.text);
	if (argc != 1)
		return cli_usage("status", "no such argument: %s", argv[1]);
	if (api_call(cli, "GET", "/v1/status", NULL, &status, &err) < 0)
		return cli_fail(&err);
	if (cli->is_json)
		api_print(status);
	else
		print_status(status);
	return json_is_object(json_object_get(status, "sandboxd")) ? CLI_OK :
	    CLI_FAILED;
}
