// SPDX-License-Identifier: Apache-2.0
/* sandgate logs: what processes of a sandbox wrote, one or all of them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/api.h"
#include "cli/options.h"
#include "cli/process.h"
#include "common/clock.h"
#include "common/parse.h"
#include "common/timestamp.h"

#define PATH_SIZE 512

struct asked {
	const char *from, *tail, *since, *limit;
	bool follows, has_times, is_previous;
};

/* An age, or a time as the API has it. */
static int
write_since(const char *text, char ret[TIMESTAMP_SIZE], struct err *err)
{
	uint64_t n, unix_ms;

	if (timestamp_parse(text, &unix_ms) == 0)
		timestamp_format(unix_ms, ret);
	else if (parse_seconds(text, &n) == 0)
		timestamp_format(clock_unix_ms() - n * 1000, ret);
	else
		return err_set(err, EINVAL, "--since: \"%.40s\" is no time "
		    "such as 2026-01-31T23:59:59Z and no age such as 10m",
		    text);
	return 0;
}

static int
make_path(const struct asked *asked, const char *id, char path[PATH_SIZE],
    struct err *err)
{
	char since[TIMESTAMP_SIZE], spelt[SANDBOX_ID_SIZE];
	int r;

	snprintf(spelt, sizeof spelt, "%s", id);
	sandbox_id_respell(spelt);
	if (strlen(id) >= sizeof spelt || !sandbox_id_is_valid(spelt))
		return err_set(err, EINVAL, "\"%.40s\" is not an id", id);
	snprintf(path, PATH_SIZE, "/v1/sandboxes/%s/logs", spelt);
	if (asked->since != NULL &&
	    (r = write_since(asked->since, since, err)) < 0)
		return r;
	if ((r = api_add_query(path, PATH_SIZE, "tail", asked->tail,
	    err)) < 0 || (r = api_add_query(path, PATH_SIZE, "limit",
	    asked->limit, err)) < 0 || (r = api_add_query(path, PATH_SIZE,
	    "since", asked->since != NULL ? since : NULL, err)) < 0)
		return r;
	(void)api_add_query(path, PATH_SIZE, "follow", asked->follows ? "1" :
	    NULL, err);
	return api_add_query(path, PATH_SIZE, "previous",
	    asked->is_previous ? "1" : NULL, err);
}

struct printing {
	bool is_json, has_times;
	bool is_within; /* a line */
	char who[64];	/* of that line */
};

static void
print_text(struct printing *printing, const json_t *line)
{
	const char *stream = api_string(line, "stream");
	FILE *file = strcmp(stream, "stderr") == 0 ? stderr : stdout;
	char who[64];

	snprintf(who, sizeof who, "%.0f %s", api_number(line, "process"),
	    stream);
	if (printing->is_within && strcmp(who, printing->who) != 0) {
		putc('\n', strstr(printing->who, "stderr") != NULL ? stderr :
		    stdout);
		fflush(stdout);
		printing->is_within = false;
	}
	if (!printing->is_within && printing->has_times)
		fprintf(file, "%s ", api_string(line, "at"));
	process_write_bytes(file, line);
	printing->is_within = api_is_true(line, "partial");
	if (!printing->is_within)
		putc('\n', file);
	snprintf(printing->who, sizeof printing->who, "%s", who);
	fflush(file);
}

static bool
on_line(void *arg, const json_t *line)
{
	struct printing *printing = arg;

	if (printing->is_json) {
		json_dumpf(line, stdout, JSON_COMPACT);
		putchar('\n');
		fflush(stdout);
	} else if (strcmp(api_string(line, "stream"), "started") != 0) {
		print_text(printing, line);
	}
	return !ferror(stdout);
}

static int
print_all(const struct cli *cli, const char *id, const struct asked *asked)
{
	struct printing printing = {.is_json = cli->is_json,
	    .has_times = asked->has_times};
	char path[PATH_SIZE];
	struct err err = {0};

	if (make_path(asked, id, path, &err) < 0 ||
	    api_follow(cli, path, on_line, &printing, &err) < 0)
		return cli_fail(&err);
	return CLI_OK;
}

static int
print_one(const struct cli *cli, char **argv, const struct asked *asked)
{
	int status;

	if (asked->tail != NULL || asked->since != NULL ||
	    asked->limit != NULL || asked->has_times || asked->is_previous)
		return cli_usage("logs", "of one process there are --from and "
		    "--follow alone");
	status = process_print_output(cli, argv[1], argv[2], asked->from,
	    asked->follows);
	return asked->follows || status == CLI_FAILED ? status : CLI_OK;
}

int
run_logs(struct cli *cli, int argc, char **argv)
{
	struct asked asked = {.from = NULL};
	const struct option_row rows[] = {
	    {"follow", 'f', OPTION_FLAG, &asked.follows},
	    {"from", 0, OPTION_TEXT, &asked.from},
	    {"tail", 'n', OPTION_TEXT, &asked.tail},
	    {"since", 0, OPTION_TEXT, &asked.since},
	    {"limit", 0, OPTION_TEXT, &asked.limit},
	    {"timestamps", 't', OPTION_FLAG, &asked.has_times},
	    {"previous", 'p', OPTION_FLAG, &asked.is_previous},
	};
	struct err err = {0};
	int rest;

	argc = options_parse(cli, rows, sizeof rows / sizeof *rows, argc, argv,
	    &rest, &err);
	if (argc < 0)
		return cli_usage("logs", "%s", err.text);
	if (argc != 2 && argc != 3)
		return cli_usage("logs", "name a sandbox, and maybe a "
		    "process");
	if (argc == 3)
		return print_one(cli, argv, &asked);
	if (asked.from != NULL)
		return cli_usage("logs", "--from is of one process");
	return print_all(cli, argv[1], &asked);
}
