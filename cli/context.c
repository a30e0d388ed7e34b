// SPDX-License-Identifier: Apache-2.0
/* sandgate context: which API, and as whom, by a name. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/api.h"
#include "cli/context_file.h"
#include "cli/options.h"
#include "cli/table.h"
#include "common/parse.h"

static int
list_json(const struct context_file *file)
{
	auto_json json_t *all = json_array();
	auto_json json_t *answer = json_pack("{s:O}", "contexts", all);

	for (size_t i = 0; i < file->n; i++) {
		const struct context *context = &file->contexts[i];

		(void)json_array_append_new(all, json_pack(
		    "{s:s, s:b, s:s*, s:s*, s:b, s:s*, s:s*}",
		    "name", context->name, "current",
		    strcmp(context->name, file->current) == 0,
		    "api", *context->api != '\0' ? context->api : NULL,
		    "socket", *context->socket != '\0' ? context->socket :
			NULL,
		    "token", *context->token != '\0',
		    "org", *context->org != '\0' ? context->org : NULL,
		    "user", *context->user != '\0' ? context->user : NULL));
	}
	api_print(answer);
	return CLI_OK;
}

/* Tokens are not for a screen. */
static int
list(const struct cli *cli, const struct context_file *file)
{
	static const char *const header[] = {"", "NAME", "API", "TOKEN", "ORG",
	    "USER"};
	struct table *table;

	if (cli->is_json)
		return list_json(file);
	if ((table = table_new(header, 6)) == NULL)
		return CLI_FAILED;
	for (size_t i = 0; i < file->n; i++) {
		const struct context *context = &file->contexts[i];
		const char *const cells[] = {
		    strcmp(context->name, file->current) == 0 ? "*" : "",
		    context->name, *context->api != '\0' ? context->api :
		    *context->socket != '\0' ? context->socket :
		    "this host's", *context->token != '\0' ? "yes" : "",
		    context->org, context->user};

		(void)table_add(table, cells);
	}
	table_print(table, stdout);
	table_free(table);
	return CLI_OK;
}

static int
save(const struct context_file *file)
{
	struct err err = {0};

	return context_file_write(file, &err) < 0 ? cli_fail(&err) : CLI_OK;
}

static int
refuse_unknown(const char *name)
{
	struct err err = {0};

	err_set(&err, ENOENT, "no context %.63s; `sandgate context list`",
	    name);
	return cli_fail(&err);
}

static int
use(struct context_file *file, const char *name)
{
	if (name != NULL && context_file_find(file, name) == NULL)
		return refuse_unknown(name);
	snprintf(file->current, sizeof file->current, "%s",
	    name != NULL ? name : "");
	return save(file);
}

static int
rm(struct context_file *file, const char *name)
{
	struct context *context = context_file_find(file, name);

	if (context == NULL)
		return refuse_unknown(name);
	*context = file->contexts[--file->n];
	if (strcmp(file->current, name) == 0)
		file->current[0] = '\0';
	return save(file);
}

/* A command line is for everyone to see: a token comes by a file. */
static int
read_token(const char *path, char value[CONTEXT_VALUE_SIZE], struct err *err)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char line[512];
	const char *got;

	if (file == NULL)
		return err_errno(err, "%s", path);
	got = fgets(line, sizeof line, file);
	if (file != stdin)
		fclose(file);
	if (got == NULL)
		return err_set(err, EINVAL, "%s: no token", path);
	line[strcspn(line, "\r\n")] = '\0';
	return context_set(value, "the token", line, err);
}

static int
set(const struct cli *cli, struct context_file *file, const char *name,
    const char *token_path)
{
	struct context *context = context_file_find(file, name);
	struct err err = {0};

	if (!name_is_valid(name))
		return cli_usage("context", "\"%.63s\" is not a name of a-z "
		    "0-9 _ . -", name);
	if (cli->socket != NULL && cli->url != NULL)
		return cli_usage("context", "--socket or --api, not both");
	if (context == NULL) {
		if (file->n == CONTEXTS_MAX)
			return cli_usage("context", "there are %d, and no "
			    "more can be", CONTEXTS_MAX);
		context = &file->contexts[file->n++];
		snprintf(context->name, sizeof context->name, "%s", name);
	}
	if (cli->url != NULL)
		context->socket[0] = '\0';
	if (cli->socket != NULL)
		context->api[0] = '\0';
	if (context_set(context->api, "--api", cli->url, &err) < 0 ||
	    context_set(context->socket, "--socket", cli->socket, &err) < 0 ||
	    context_set(context->org, "--org", cli->org, &err) < 0 ||
	    context_set(context->user, "--user", cli->user, &err) < 0 ||
	    (token_path != NULL &&
	    read_token(token_path, context->token, &err) < 0))
		return cli_fail(&err);
	/* The first is used at once. */
	if (file->n == 1)
		snprintf(file->current, sizeof file->current, "%s", name);
	return save(file);
}

int
run_context(struct cli *cli, int argc, char **argv)
{
	const char *token_path = NULL;
	const struct option_row rows[] = {
	    {"token-file", 0, OPTION_TEXT, &token_path}};
	struct context_file file;
	struct err err = {0};
	const char *verb;
	int rest;

	argc = options_parse(cli, rows, 1, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage("context", "%s", err.text);
	verb = argc > 1 ? argv[1] : "list";
	if (context_file_read(&file, &err) < 0)
		return cli_fail(&err);
	if (argc == 3 && strcmp(verb, "set") == 0)
		return set(cli, &file, argv[2], token_path);
	if (token_path != NULL)
		return cli_usage("context", "--token-file is for set");
	if (argc <= 2 && strcmp(verb, "list") == 0)
		return list(cli, &file);
	if (argc <= 3 && strcmp(verb, "use") == 0)
		return use(&file, argc == 3 ? argv[2] : NULL);
	if (argc == 3 && strcmp(verb, "rm") == 0)
		return rm(&file, argv[2]);
	return cli_usage("context", "list, use, set or rm?");
}
