// SPDX-License-Identifier: Apache-2.0
/* sandgate create: the id on stdout, how to get in on stderr. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/api.h"
#include "cli/limit_wishes.h"
#include "cli/options.h"
#include "cli/pairs.h"
#include "cli/policy.h"
#include "cli/time_wishes.h"
#include "common/parse.h"

struct wishes {
	const char *template_name, *snapshot, *name, *egress, *mode;
	struct limit_wishes limits;
	struct time_wishes time;
	struct option_list env, metadata, labels;
	bool is_ephemeral, is_private, is_resumed_by_hand, is_nesting;
};

static int
add_policy(const struct cli *cli, json_t *body, const struct wishes *wishes,
    struct err *err)
{
	struct err inner = {0};
	json_t *policy;

	if (wishes->egress == NULL)
		return 0;
	policy = policy_read(cli, wishes->egress, &inner);
	if (policy == NULL)
		return err_set(err, EINVAL, "--egress: %.200s", inner.text);
	json_object_set_new(body, "egress", policy);
	return 0;
}

static int
fill_body(const struct cli *cli, json_t *body, const struct wishes *wishes,
    struct err *err)
{
	int r;

	if ((r = api_add_text(body, "template", wishes->template_name,
	    err)) < 0 ||
	    (r = api_add_text(body, "snapshot", wishes->snapshot, err)) < 0 ||
	    (r = api_add_text(body, "name", wishes->name, err)) < 0 ||
	    (r = limit_wishes_add(&wishes->limits, body, err)) < 0 ||
	    (r = time_wishes_add(&wishes->time, body, err)) < 0 ||
	    (r = add_policy(cli, body, wishes, err)) < 0)
		return r;
	if (wishes->is_ephemeral)
		json_object_set_new(body, "ephemeral", json_true());
	if (wishes->is_private)
		json_object_set_new(body, "private", json_true());
	if (wishes->is_nesting)
		json_object_set_new(body, "nesting", json_true());
	if (wishes->is_resumed_by_hand)
		json_object_set_new(body, "auto_resume", json_false());
	if ((r = pairs_add(body, "metadata", &wishes->metadata, false,
	    err)) < 0 || (r = pairs_add(body, "labels", &wishes->labels, false,
	    err)) < 0 || (r = api_add_text(body, "mode", wishes->mode,
	    err)) < 0)
		return r;
	return pairs_add(body, "env", &wishes->env, true, err);
}

int
run_create(struct cli *cli, int argc, char **argv)
{
	struct wishes wishes = {0};
	const struct option_row rows[] = {
	    {"template", 't', OPTION_TEXT, &wishes.template_name},
	    {"snapshot", 's', OPTION_TEXT, &wishes.snapshot},
	    {"name", 'n', OPTION_TEXT, &wishes.name},
	    LIMIT_WISHES(wishes.limits)
	    TIME_WISHES(wishes.time)
	    {"env", 'e', OPTION_LIST, &wishes.env},
	    {"metadata", 0, OPTION_LIST, &wishes.metadata},
	    {"label", 0, OPTION_LIST, &wishes.labels},
	    {"mode", 0, OPTION_TEXT, &wishes.mode},
	    {"egress", 0, OPTION_TEXT, &wishes.egress},
	    {"ephemeral", 0, OPTION_FLAG, &wishes.is_ephemeral},
	    {"private", 0, OPTION_FLAG, &wishes.is_private},
	    {"nesting", 0, OPTION_FLAG, &wishes.is_nesting},
	    {"no-auto-resume", 0, OPTION_FLAG, &wishes.is_resumed_by_hand},
	    {"idempotency-key", 0, OPTION_TEXT, &cli->request_key},
	};
	auto_json json_t *body = json_object();
	auto_json json_t *sandbox = NULL;
	struct err err = {0};
	int rest;

	argc = options_parse(cli, rows, sizeof rows / sizeof *rows, argc, argv,
	    &rest, &err);
	if (argc < 0)
		return cli_usage("create", "%s", err.text);
	if (argc != 1)
		return cli_usage("create", "no such argument: %s", argv[1]);
	if (fill_body(cli, body, &wishes, &err) < 0)
		return cli_usage("create", "%s", err.text);
	if (api_call(cli, "POST", "/v1/sandboxes", body, &sandbox, &err) < 0)
		return cli_fail(&err);
	if (cli->is_json) {
		api_print(sandbox);
		return CLI_OK;
	}
	puts(api_string(sandbox, "id"));
	fprintf(stderr, "ssh -p %.0f %s@%s\n", api_number(sandbox, "ssh.port"),
	    api_string(sandbox, "ssh.username"),
	    api_string(sandbox, "ssh.host"));
	return CLI_OK;
}
