// SPDX-License-Identifier: Apache-2.0
/* sandgate metrics: what those that run use, a line each; or what one has used,
 * a line a time. */
#include "cli/metrics.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/api.h"
#include "cli/options.h"
#include "cli/table.h"
#include "common/clock.h"
#include "common/parse.h"
#include "common/timestamp.h"

#define PATH_SIZE 512
#define CELL_SIZE 80

/* "12M of 512M"; of nothing that is counted "-". */
static void
print_share(const json_t *metric, const char *used, const char *limit,
    char ret[CELL_SIZE])
{
	char one[HUMAN_SIZE], all[HUMAN_SIZE];

	if (api_number(metric, limit) == 0) {
		snprintf(ret, CELL_SIZE, "-");
		return;
	}
	human_size(api_number(metric, used), one);
	human_size(api_number(metric, limit), all);
	snprintf(ret, CELL_SIZE, "%s of %s", one, all);
}

static int
add(struct table *table, const json_t *metric, const char *first)
{
	char cpu[CELL_SIZE], time[CELL_SIZE], memory[CELL_SIZE],
	    disk[CELL_SIZE], processes[CELL_SIZE], received[HUMAN_SIZE],
	    sent[HUMAN_SIZE];
	const char *const cells[] = {first, cpu, time, memory, disk,
	    processes, received, sent};

	snprintf(cpu, sizeof cpu, "%.2f of %g", api_number(metric, "cpu.used"),
	    api_number(metric, "cpu.limit"));
	snprintf(time, sizeof time, "%.2fs",
	    api_number(metric, "cpu.total_ms") / 1000);
	print_share(metric, "memory.used_bytes", "memory.limit_bytes", memory);
	print_share(metric, "disk.used_bytes", "disk.limit_bytes", disk);
	snprintf(processes, sizeof processes, "%.0f of %.0f",
	    api_number(metric, "processes.used"),
	    api_number(metric, "processes.limit"));
	human_size(api_number(metric, "network.received_bytes"), received);
	human_size(api_number(metric, "network.sent_bytes"), sent);
	return table_add(table, cells);
}

int
metrics_print(const json_t *metrics, bool is_of_one, struct err *err)
{
	static const char *header[] = {NULL, "CPU", "CPU TIME", "MEMORY",
	    "DISK", "PROCESSES", "RECEIVED", "SENT"};
	struct table *table;
	const json_t *metric;
	size_t i;
	int r = 0;

	header[0] = is_of_one ? "AT" : "ID";
	table = table_new(header, sizeof header / sizeof *header);
	if (table == NULL)
		return err_set(err, ENOMEM, "out of memory");
	json_array_foreach(metrics, i, metric) {
		if (r == 0)
			r = add(table, metric, api_string(metric, is_of_one ?
			    "at" : "sandbox"));
	}
	if (r == 0)
		table_print(table, stdout);
	table_free(table);
	return r < 0 ? err_set(err, ENOMEM, "out of memory") : 0;
}

/* "10m" is so long ago, and anything else a time. */
static int
make_path(const char *id, const char *since, const char *step,
    char path[PATH_SIZE], struct err *err)
{
	char time[TIMESTAMP_SIZE] = "";
	uint64_t seconds, unix_ms;

	if (since != NULL && timestamp_parse(since, &unix_ms) == 0)
		timestamp_format(unix_ms, time);
	else if (since != NULL && parse_seconds(since, &seconds) == 0)
		timestamp_format(clock_unix_ms() - seconds * 1000, time);
	else if (since != NULL)
		return err_set(err, EINVAL, "--since: \"%.40s\" is neither a "
		    "time such as 2026-01-31T23:59:59Z nor an age such as "
		    "10m", since);
	if (step != NULL && parse_seconds(step, &seconds) < 0)
		return err_set(err, EINVAL, "--step: \"%.40s\" is no time "
		    "such as 10m", step);
	snprintf(path, PATH_SIZE, "/v1/sandboxes/%s/metrics?from=%s&step=%s",
	    id, time, step != NULL ? step : "");
	return 0;
}

int
run_metrics(struct cli *cli, int argc, char **argv)
{
	const char *since = NULL, *step = NULL;
	const struct option_row rows[] = {
	    {"since", 0, OPTION_TEXT, &since},
	    {"step", 0, OPTION_TEXT, &step},
	};
	char path[PATH_SIZE] = "/v1/metrics";
	auto_json json_t *answer = NULL;
	struct err err = {0};
	int rest;

	argc = options_parse(cli, rows, 2, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage("metrics", "%s", err.text);
	if (argc > 2)
		return cli_usage("metrics", "name one sandbox, or none");
	if (argc == 1 && (since != NULL || step != NULL))
		return cli_usage("metrics", "--since and --step are about one "
		    "sandbox: name it");
	if (argc == 2 && !sandbox_id_is_valid(argv[1]) &&
	    !name_is_valid(argv[1]))
		return cli_usage("metrics", "\"%.40s\" is neither an id nor a "
		    "name", argv[1]);
	if (argc == 2 && make_path(argv[1], since, step, path, &err) < 0)
		return cli_usage("metrics", "%s", err.text);
	if (api_call(cli, "GET", path, NULL, &answer, &err) < 0)
		return cli_fail(&err);
	if (cli->is_json)
		api_print(answer);
	else if (metrics_print(json_object_get(answer, "metrics"), argc == 2,
	    &err) < 0)
		return cli_fail(&err);
	return CLI_OK;
}
