// SPDX-License-Identifier: Apache-2.0
/* sandgate fork: the ids on stdout, a line each. */
#include <errno.h>
#include <stdio.h>

#include "cli/api.h"
#include "cli/options.h"
#include "common/parse.h"

static int
add_count(json_t *body, const char *count, struct err *err)
{
	uint64_t n;

	if (count == NULL)
		return 0;
	if (parse_u64(count, &n) < 0 || n == 0 || n > INT32_MAX)
		return err_set(err, EINVAL,
		    "--count: \"%s\" is not a whole number from 1", count);
	json_object_set_new(body, "count", json_integer((json_int_t)n));
	return 0;
}

int
run_fork(struct cli *cli, int argc, char **argv)
{
	const char *count = NULL, *name = NULL;
	const struct option_row rows[] = {
	    {"count", 'c', OPTION_TEXT, &count},
	    {"name", 'n', OPTION_TEXT, &name},
	    {"idempotency-key", 0, OPTION_TEXT, &cli->request_key}};
	auto_json json_t *body = json_object();
	auto_json json_t *answer = NULL;
	struct err err = {0};
	const json_t *sandbox;
	size_t i;
	int rest;

	argc = options_parse(cli, rows, 3, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage("fork", "%s", err.text);
	if (argc != 2)
		return cli_usage("fork", "name one sandbox");
	if (add_count(body, count, &err) < 0 ||
	    api_add_text(body, "name", name, &err) < 0)
		return cli_usage("fork", "%s", err.text);
	if (api_call_item(cli, "POST", "/v1/sandboxes", argv[1], "fork", body,
	    &answer, &err) < 0)
		return cli_fail(&err);
	if (cli->is_json) {
		api_print(answer);
		return CLI_OK;
	}
	json_array_foreach(json_object_get(answer, "sandboxes"), i, sandbox)
		puts(api_string(sandbox, "id"));
	return CLI_OK;
}
