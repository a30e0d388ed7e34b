// SPDX-License-Identifier: Apache-2.0
/* sandgate pool: what is made ahead. */
#include <stdlib.h>
#include <string.h>

#include "cli/listing.h"
#include "cli/options.h"

#define COLLECTION "/v1/pool"
#define VERB	   "pool"

static const struct listing pool = {COLLECTION, "templates",
    {{"TEMPLATE", "template", LISTING_TEXT}, {"SIZE", "size", LISTING_NUMBER},
	{"SET BY", "set_by", LISTING_TEXT},
	{"WAITING", "waiting", LISTING_NUMBER},
	{"MAKING", "making", LISTING_NUMBER},
	{"CLAIMED", "claimed", LISTING_NUMBER},
	{"MISSED", "missed", LISTING_NUMBER}, {NULL}}};

static int
ask(const struct cli *cli, const char *method, const char *name,
    const json_t *body)
{
	struct err err = {0};

	return api_call_name(cli, method, COLLECTION, name, "", body, NULL,
	    &err) < 0 ? cli_fail(&err) : CLI_OK;
}

static int
set(const struct cli *cli, const char *name, long size)
{
	auto_json json_t *body = json_pack("{s:I}", "size", (json_int_t)size);

	return ask(cli, "PUT", name, body);
}

/* More than the API takes is refused there, with what it takes. */
static int
read_size(const char *text, long *ret)
{
	if (text[0] == '\0' || strlen(text) > 9 ||
	    strspn(text, "0123456789") != strlen(text))
		return -1;
	*ret = strtol(text, NULL, 10);
	return 0;
}

static bool
is_word(int argc, char **argv, int n, const char *word)
{
	return argc == n && strcmp(argv[1], word) == 0;
}

int
run_pool(struct cli *cli, int argc, char **argv)
{
	struct err err = {0};
	int rest;
	long size;

	argc = options_parse(cli, NULL, 0, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage(VERB, "%s", err.text);
	if (argc == 1 || is_word(argc, argv, 2, "list"))
		return listing_show(&pool, cli);
	if (is_word(argc, argv, 4, "set") && read_size(argv[3], &size) < 0)
		return cli_usage(VERB, "set: \"%.64s\" is no number",
		    argv[3]);
	if (is_word(argc, argv, 4, "set"))
		return set(cli, argv[2], size);
	if (is_word(argc, argv, 3, "drain"))
		return set(cli, argv[2], 0);
	if (is_word(argc, argv, 3, "reset"))
		return ask(cli, "DELETE", argv[2], NULL);
	return cli_usage(VERB, "list, set TEMPLATE NUMBER, drain TEMPLATE or "
	    "reset TEMPLATE?");
}
