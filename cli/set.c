// SPDX-License-Identifier: Apache-2.0
/* sandgate set and refresh: what of a sandbox can be changed. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/api.h"
#include "cli/limit_wishes.h"
#include "cli/options.h"
#include "cli/pairs.h"
#include "cli/time_wishes.h"

static int
add_time(json_t *body, const char *name, const char *text, struct err *err)
{
	return api_add_text(body, name, text != NULL &&
	    strcmp(text, "never") == 0 ? "0" : text, err);
}

int
time_wishes_add(const struct time_wishes *wishes, json_t *body,
    struct err *err)
{
	int r;

	if ((r = add_time(body, "ttl", wishes->ttl, err)) < 0 ||
	    (r = add_time(body, "timeout", wishes->timeout, err)) < 0 ||
	    (r = add_time(body, "hard_ttl", wishes->hard_ttl, err)) < 0 ||
	    (r = add_time(body, "idle_timeout", wishes->idle_timeout,
	    err)) < 0)
		return r;
	return api_add_text(body, "on_expiry", wishes->on_expiry, err);
}

/* "in 5 minutes", or nothing. */
static void
print_time(const char *what, const json_t *sandbox, const char *member)
{
	const char *time = api_string(sandbox, member);

	if (*time != '\0')
		printf("%s%s\n", what, time);
}

static int
ask(struct cli *cli, const char *method, const char *id, const char *suffix,
    const json_t *body)
{
	auto_json json_t *sandbox = NULL;
	struct err err = {0};

	if (api_call_item(cli, method, "/v1/sandboxes", id, suffix, body,
	    &sandbox, &err) < 0)
		return cli_fail(&err);
	if (cli->is_json) {
		api_print(sandbox);
		return CLI_OK;
	}
	print_time("expires   ", sandbox, "expires_at");
	print_time("cleaned   ", sandbox, "hard_expires_at");
	return CLI_OK;
}

static int
choose_auto_resume(json_t *body, const char *word, struct err *err)
{
	if (word == NULL)
		return 0;
	if (strcmp(word, "on") != 0 && strcmp(word, "off") != 0)
		return err_set(err, EINVAL,
		    "--auto-resume: \"%.20s\" is not on or off", word);
	json_object_set_new(body, "auto_resume",
	    json_boolean(strcmp(word, "on") == 0));
	return 0;
}

int
run_set(struct cli *cli, int argc, char **argv)
{
	struct time_wishes time = {0};
	struct limit_wishes limits = {0};
	struct option_list metadata = {0};
	const char *auto_resume = NULL;
	const struct option_row rows[] = {
	    LIMIT_WISHES(limits)
	    TIME_WISHES(time)
	    {"auto-resume", 0, OPTION_TEXT, &auto_resume},
	    {"metadata", 0, OPTION_LIST, &metadata},
	};
	auto_json json_t *body = json_object();
	struct err err = {0};
	int rest;

	argc = options_parse(cli, rows, sizeof rows / sizeof *rows, argc, argv,
	    &rest, &err);
	if (argc < 0)
		return cli_usage("set", "%s", err.text);
	if (argc != 2)
		return cli_usage("set", "name one sandbox");
	if (limit_wishes_add(&limits, body, &err) < 0 ||
	    time_wishes_add(&time, body, &err) < 0 ||
	    choose_auto_resume(body, auto_resume, &err) < 0 ||
	    pairs_add(body, "metadata", &metadata, false, &err) < 0)
		return cli_usage("set", "%s", err.text);
	if (json_object_size(body) == 0)
		return cli_usage("set", "say what is to change");
	return ask(cli, "PATCH", argv[1], NULL, body);
}

int
run_refresh(struct cli *cli, int argc, char **argv)
{
	auto_json json_t *body = json_object();
	struct err err = {0};
	int rest;

	argc = options_parse(cli, NULL, 0, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage("refresh", "%s", err.text);
	if (argc != 2 && argc != 3)
		return cli_usage("refresh", "name one sandbox");
	if (argc == 3 && json_object_set_new(body, "duration",
	    json_string(argv[2])) < 0)
		return cli_usage("refresh", "the duration is no UTF-8");
	return ask(cli, "POST", argv[1], "refresh", body);
}
