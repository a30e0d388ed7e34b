// SPDX-License-Identifier: Apache-2.0
/* sandgate revoke: which certificates and keys let nobody in any more. */
#include <stdio.h>
#include <string.h>

#include "cli/listing.h"
#include "cli/options.h"
#include "common/parse.h"

#define COLLECTION "/v1/ssh-revocations"

/* The options of a new revocation. */
struct wanted {
	const char *serial, *ca, *key_id, *fingerprint;
};

static const struct listing revocations = {COLLECTION, "ssh_revocations",
    {{"ID", "id", LISTING_NUMBER}, {"KIND", "kind", LISTING_TEXT},
	{"VALUE", "value", LISTING_TEXT}, {"CA", "ca", LISTING_TEXT},
	{"REVOKED", "created_at", LISTING_TIME}, {NULL}}};

static int
add(struct cli *cli, const struct wanted *wanted)
{
	auto_json json_t *body = json_object();
	auto_json json_t *row = NULL;
	struct err err = {0};
	uint64_t ca = 0;

	if ((wanted->serial != NULL) + (wanted->key_id != NULL) +
	    (wanted->fingerprint != NULL) != 1)
		return cli_usage("revoke", "--serial with --ca, --key-id or "
		    "--fingerprint?");
	if ((wanted->serial != NULL) != (wanted->ca != NULL) ||
	    (wanted->ca != NULL && parse_u64(wanted->ca, &ca) < 0))
		return cli_usage("revoke", "--serial goes with --ca and the "
		    "number of a CA, from \"sandgate ca list\"");
	if (wanted->serial != NULL) {
		json_object_set_new(body, "serial",
		    json_string(wanted->serial));
		json_object_set_new(body, "ca", json_integer((json_int_t)ca));
	}
	if (wanted->key_id != NULL)
		json_object_set_new(body, "key_id",
		    json_string(wanted->key_id));
	if (wanted->fingerprint != NULL)
		json_object_set_new(body, "fingerprint",
		    json_string(wanted->fingerprint));
	if (api_call(cli, "POST", COLLECTION, body, &row, &err) < 0)
		return cli_fail(&err);
	if (cli->is_json)
		api_print(row);
	else
		printf("%.0f\n", api_number(row, "id"));
	return CLI_OK;
}

int
run_revoke(struct cli *cli, int argc, char **argv)
{
	struct wanted wanted = {NULL, NULL, NULL, NULL};
	const struct option_row rows[] = {
	    {"serial", 0, OPTION_TEXT, &wanted.serial},
	    {"ca", 0, OPTION_TEXT, &wanted.ca},
	    {"key-id", 0, OPTION_TEXT, &wanted.key_id},
	    {"fingerprint", 0, OPTION_TEXT, &wanted.fingerprint},
	};
	struct err err = {0};
	int rest, status = CLI_OK;

	argc = options_parse(cli, rows, sizeof rows / sizeof *rows, argc, argv,
	    &rest, &err);
	if (argc < 0)
		return cli_usage("revoke", "%s", err.text);
	if (argc == 1)
		return add(cli, &wanted);
	if (argc == 2 && strcmp(argv[1], "list") == 0)
		return listing_show(&revocations, cli);
	if (argc < 3 || strcmp(argv[1], "undo") != 0)
		return cli_usage("revoke", "list or undo?");
	for (int i = 2; i < argc; i++)
		if (api_call_item(cli, "DELETE", COLLECTION, argv[i], NULL,
		    NULL, NULL, &err) < 0)
			status = cli_fail(&err);
	return status;
}
