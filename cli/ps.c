// SPDX-License-Identifier: Apache-2.0
/* sandgate ps, signal and wait: processes that live on in a sandbox. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/listing.h"
#include "cli/options.h"
#include "cli/process.h"

static const struct listing processes = {.member = "processes",
    .columns = {{"PROCESS", "id", LISTING_NUMBER},
	{"TAG", "tag", LISTING_TEXT}, {"USER", "user", LISTING_TEXT},
	{"STATE", "state", LISTING_TEXT}, {"EXIT", "exit", LISTING_TEXT},
	{"STARTED", "started_at", LISTING_TIME},
	{"OUTPUT", "next_position", LISTING_BYTES},
	{"COMMAND", "command", LISTING_TEXT}, {0}}};

/* How each ended, as people read it. */
static void
add_exits(json_t *array)
{
	json_t *row;
	char text[32];
	size_t i;

	json_array_foreach(array, i, row) {
		const char *signal = api_string(row, "signal");

		if (strcmp(api_string(row, "state"), "running") == 0)
			text[0] = '\0';
		else if (*signal != '\0')
			snprintf(text, sizeof text, "%.16s", signal);
		else
			snprintf(text, sizeof text, "%.0f",
			    api_number(row, "exit_code"));
		json_object_set_new(row, "exit", json_string(text));
	}
}

/* Those of a tag, or where it is NULL all; not in the query, which a tag of
 * any characters would have to be encoded for. */
static json_t *
choose(const json_t *array, const char *tag)
{
	json_t *chosen = json_array(), *row;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)array, i, row)
		if (tag == NULL || strcmp(tag, api_string(row, "tag")) == 0)
			json_array_append(chosen, row);
	return chosen;
}

int
run_ps(struct cli *cli, int argc, char **argv)
{
	const char *tag = NULL;
	const struct option_row rows[] = {{"tag", 0, OPTION_TEXT, &tag}};
	auto_json json_t *answer = NULL, *chosen = NULL;
	struct err err = {0};
	int rest;

	argc = options_parse(cli, rows, 1, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage("ps", "%s", err.text);
	if (argc != 2)
		return cli_usage("ps", "name one sandbox");
	if (api_call_item(cli, "GET", "/v1/sandboxes", argv[1], "processes",
	    NULL, &answer, &err) < 0)
		return cli_fail(&err);
	chosen = choose(json_object_get(answer, "processes"), tag);
	if (cli->is_json) {
		json_object_set(answer, "processes", chosen);
		api_print(answer);
		return CLI_OK;
	}
	add_exits(chosen);
	listing_print(&processes, chosen);
	return CLI_OK;
}

int
run_signal(struct cli *cli, int argc, char **argv)
{
	bool is_tree = false;
	const struct option_row rows[] = {{"tree", 0, OPTION_FLAG, &is_tree}};
	char suffix[PROCESS_SUFFIX_SIZE];
	auto_json json_t *body = NULL;
	struct err err = {0};
	int rest;

	argc = options_parse(cli, rows, 1, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage("signal", "%s", err.text);
	if (argc != 3 && (argc != 4 || is_tree))
		return cli_usage("signal", "name a sandbox and a process, and "
		    "a signal or --tree");
	if (process_suffix(argv[2], is_tree ? "" : "/signal", suffix,
	    &err) < 0)
		return cli_fail(&err);
	if (!is_tree)
		body = json_pack("{s:s}", "signal", argc == 4 ? argv[3] :
		    "TERM");
	if (api_call_item(cli, is_tree ? "DELETE" : "POST", "/v1/sandboxes",
	    argv[1], suffix, body, NULL, &err) < 0)
		return cli_fail(&err);
	return CLI_OK;
}

/* Asked again before the client's own patience ends. */
#define WAIT_REST "/wait?timeout_ms=60000"

int
run_wait(struct cli *cli, int argc, char **argv)
{
	char suffix[PROCESS_SUFFIX_SIZE];
	auto_json json_t *process = NULL;
	struct err err = {0};
	int rest;

	argc = options_parse(cli, NULL, 0, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage("wait", "%s", err.text);
	if (argc != 3)
		return cli_usage("wait", "name a sandbox and a process");
	if (process_suffix(argv[2], WAIT_REST, suffix, &err) < 0)
		return cli_fail(&err);
	do {
		json_decref(process);
		process = NULL;
		if (api_call_item(cli, "GET", "/v1/sandboxes", argv[1],
		    suffix, NULL, &process, &err) < 0)
			return cli_fail(&err);
	} while (strcmp(api_string(process, "state"), "running") == 0);
	if (cli->is_json)
		api_print(process);
	return (int)api_number(process, "exit_code");
}
