// SPDX-License-Identifier: Apache-2.0
#include "cli/public_key.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/options.h"

#define KEY_LINE_SIZE 16384

/* The first line of a file, "-" being stdin. */
static int
read_line(const char *path, char ret[KEY_LINE_SIZE], struct err *err)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char *line;

	if (file == NULL)
		return err_errno(err, "%s", path);
	line = fgets(ret, KEY_LINE_SIZE, file);
	if (file != stdin)
		fclose(file);
	if (line == NULL)
		return err_set(err, EINVAL, "%s: empty", path);
	if (strchr(ret, '\n') == NULL && strlen(ret) == KEY_LINE_SIZE - 1)
		return err_set(err, EINVAL, "%s: not a public key", path);
	ret[strcspn(ret, "\r\n")] = '\0';
	if (strstr(ret, "PRIVATE KEY") != NULL)
		return err_set(err, EINVAL, "%s: this is a private key; give "
		    "the public one (.pub)", path);
	return 0;
}

static int
add(const struct cli *cli, const char *collection,
    const char *path, const char *name)
{
	auto_json json_t *body = json_object();
	auto_json json_t *key = NULL;
	char line[KEY_LINE_SIZE];
	struct err err = {0};

	if (cli->is_lobby && strcmp(path, "-") != 0) {
		err_set(&err, EINVAL, "%s: there are no files here; give the "
		    "key on standard input: add - <FILE", path);
		return cli_fail(&err);
	}
	if (read_line(path, line, &err) < 0)
		return cli_fail(&err);
	json_object_set_new(body, "public_key", json_string(line));
	if (name != NULL)
		json_object_set_new(body, "name", json_string(name));
	if (api_call(cli, "POST", collection, body, &key, &err) < 0)
		return cli_fail(&err);
	if (cli->is_json) {
		api_print(key);
	} else {
		printf("%.0f\n", api_number(key, "id"));
		fprintf(stderr, "%s %s\n", api_string(key, "algorithm"),
		    api_string(key, "fingerprint"));
	}
	return CLI_OK;
}

int
public_key_run(struct cli *cli, const struct listing *keys, int argc,
    char **argv)
{
	const char *name = NULL, *verb = argv[0];
	const struct option_row rows[] = {{"name", 'n', OPTION_TEXT, &name}};
	struct err err = {0};
	int rest, status = CLI_OK;

	argc = options_parse(cli, rows, 1, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage(verb, "%s", err.text);
	if (argc == 3 && strcmp(argv[1], "add") == 0)
		return add(cli, keys->path, argv[2], name);
	if (argc == 2 && strcmp(argv[1], "list") == 0)
		return listing_show(keys, cli);
	if (argc < 3 || strcmp(argv[1], "rm") != 0)
		return cli_usage(verb, "add, list or rm?");
	for (int i = 2; i < argc; i++)
		if (api_call_item(cli, "DELETE", keys->path, argv[i], NULL,
		    NULL, NULL, &err) < 0)
			status = cli_fail(&err);
	return status;
}
