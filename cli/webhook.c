// SPDX-License-Identifier: Apache-2.0
/* sandgate webhook: have events posted to a URL. */
#include <stdio.h>
#include <string.h>

#include "cli/listing.h"
#include "cli/options.h"

#define VERB "webhook"

struct wishes {
	const char *secret, *sandbox, *events;
};

static const struct listing webhooks = {"/v1/webhooks", "webhooks",
    {{"ID", "id", LISTING_NUMBER}, {"URL", "url", LISTING_TEXT},
	{"SANDBOX", "sandbox", LISTING_TEXT},
	{"EVENTS", "events", LISTING_TEXT},
	{"SIGNED", "signed", LISTING_BOOLEAN},
	{"USER", "user", LISTING_TEXT},
	{"LAST", "last_at", LISTING_TIME},
	{"STATUS", "last_status", LISTING_NUMBER}, {NULL}}};

static const struct listing deliveries = {NULL, "deliveries",
    {{"AT", "at", LISTING_TIME}, {"EVENT", "event_id", LISTING_TEXT},
	{"TYPE", "event_type", LISTING_TEXT},
	{"STATUS", "status", LISTING_NUMBER},
	{"TRIES", "tries", LISTING_NUMBER},
	{"ERROR", "error", LISTING_TEXT}, {NULL}}};

static int
create(struct cli *cli, const char *url, const struct wishes *wishes)
{
	auto_json json_t *body = json_object();
	auto_json json_t *webhook = NULL;
	struct err err = {0};

	if (api_add_text(body, "url", url, &err) < 0 ||
	    api_add_text(body, "secret", wishes->secret, &err) < 0 ||
	    api_add_text(body, "sandbox", wishes->sandbox, &err) < 0 ||
	    api_add_text(body, "events", wishes->events, &err) < 0)
		return cli_usage(VERB, "%s", err.text);
	if (api_call(cli, "POST", "/v1/webhooks", body, &webhook, &err) < 0)
		return cli_fail(&err);
	if (cli->is_json)
		api_print(webhook);
	else
		printf("%.0f\n", api_number(webhook, "id"));
	return CLI_OK;
}

static void
print(const json_t *webhook)
{
	const char *sandbox = api_string(webhook, "sandbox");
	const char *events = api_string(webhook, "events");

	printf("id       %.0f\n", api_number(webhook, "id"));
	printf("url      %s\n", api_string(webhook, "url"));
	printf("sandbox  %s\n", *sandbox != '\0' ? sandbox : "all");
	printf("events   %s\n", *events != '\0' ? events : "all");
	printf("signed   %s\n", api_is_true(webhook, "signed") ? "yes" : "no");
	printf("user     %s\n", api_string(webhook, "user"));
	printf("created  %s\n", api_string(webhook, "created_at"));
	if (*api_string(webhook, "last_at") == '\0')
		return;
	printf("last     %s, status %.0f", api_string(webhook, "last_at"),
	    api_number(webhook, "last_status"));
	if (*api_string(webhook, "last_error") != '\0')
		printf(": %s", api_string(webhook, "last_error"));
	putchar('\n');
}

/* What there is of one; NULL prints it as it is. */
static int
show(struct cli *cli, const char *id, const struct listing *listing)
{
	auto_json json_t *answer = NULL;
	struct err err = {0};

	if (api_call_item(cli, "GET", "/v1/webhooks", id,
	    listing != NULL ? listing->member : NULL, NULL, &answer,
	    &err) < 0)
		return cli_fail(&err);
	if (cli->is_json)
		api_print(answer);
	else if (listing == NULL)
		print(answer);
	else
		listing_print(listing, json_object_get(answer,
		    listing->member));
	return CLI_OK;
}

/* Every one named, also after one that failed. */
static int
remove_all(struct cli *cli, int n, char **ids)
{
	struct err err = {0};
	int status = CLI_OK;

	for (int i = 0; i < n; i++)
		if (api_call_item(cli, "DELETE", "/v1/webhooks", ids[i], NULL,
		    NULL, NULL, &err) < 0)
			status = cli_fail(&err);
	return status;
}

static int
test(struct cli *cli, const char *id)
{
	struct err err = {0};

	if (api_call_item(cli, "POST", "/v1/webhooks", id, "test", NULL, NULL,
	    &err) < 0)
		return cli_fail(&err);
	fprintf(stderr, "Posted; `sandgate webhook deliveries %s` tells what "
	    "became of it.\n", id);
	return CLI_OK;
}

int
run_webhook(struct cli *cli, int argc, char **argv)
{
	struct wishes wishes = {0};
	const struct option_row rows[] = {
	    {"secret", 0, OPTION_TEXT, &wishes.secret},
	    {"sandbox", 's', OPTION_TEXT, &wishes.sandbox},
	    {"event", 'k', OPTION_TEXT, &wishes.events}};
	struct err err = {0};
	int rest;

	argc = options_parse(cli, rows, sizeof rows / sizeof *rows, argc, argv,
	    &rest, &err);
	if (argc < 0)
		return cli_usage(VERB, "%s", err.text);
	if (argc == 2 && strcmp(argv[1], "list") == 0)
		return listing_show(&webhooks, cli);
	if (argc >= 3 && strcmp(argv[1], "rm") == 0)
		return remove_all(cli, argc - 2, argv + 2);
	if (argc == 3 && strcmp(argv[1], "create") == 0)
		return create(cli, argv[2], &wishes);
	if (argc == 3 && strcmp(argv[1], "show") == 0)
		return show(cli, argv[2], NULL);
	if (argc == 3 && strcmp(argv[1], "test") == 0)
		return test(cli, argv[2]);
	if (argc == 3 && strcmp(argv[1], "deliveries") == 0)
		return show(cli, argv[2], &deliveries);
	return cli_usage(VERB, "create, list, show, rm, test or deliveries?");
}
