// SPDX-License-Identifier: Apache-2.0
/* sandgate status: fails where a part of the service is away. */
#include <stdio.h>

#include "cli/api.h"
#include "cli/options.h"
#include "cli/table.h"
#include "common/clock.h"

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
