// SPDX-License-Identifier: Apache-2.0
/* sandgate key: the SSH keys that let you in. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/api.h"
#include "cli/options.h"
#include "cli/table.h"
#include "common/timestamp.h"

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
add_line(struct cli *cli, const char *path, const char *name)
{
	auto_json json_t *body = json_object();
	auto_json json_t *key = NULL;
	char line[KEY_LINE_SIZE];
	struct err err = {0};

	if (read_line(path, line, &err) < 0)
		return cli_fail(&err);
	json_object_set_new(body, "public_key", json_string(line));
	if (name != NULL)
		json_object_set_new(body, "name", json_string(name));
	if (api_call(cli, "POST", "/v1/ssh-keys", body, &key, &err) < 0)
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

static int
add(struct cli *cli, const char *path, const char *name)
{
	if (cli->is_lobby && strcmp(path, "-") != 0)
		return cli_usage("key", "%s: there are no files here; give "
		    "the key on standard input: key add - <FILE", path);
	return add_line(cli, path, name);
}

static void
print_keys(const json_t *keys)
{
	static const char *const header[] = {"ID", "NAME", "ALGORITHM",
	    "FINGERPRINT", "ADDED", "LAST USED"};
	struct table *table = table_new(header, 6);
	char id[HUMAN_SIZE], added[HUMAN_SIZE], used[HUMAN_SIZE];
	uint64_t now_ms = timestamp_now_ms();
	const json_t *key;
	size_t i;

	if (table == NULL)
		return;
	json_array_foreach(keys, i, key) {
		snprintf(id, sizeof id, "%.0f", api_number(key, "id"));
		human_time(api_string(key, "created_at"), now_ms, added);
		human_time(api_string(key, "last_used_at"), now_ms, used);

		const char *const cells[] = {id, api_string(key, "name"),
		    api_string(key, "algorithm"),
		    api_string(key, "fingerprint"), added, used};

		(void)table_add(table, cells);
	}
	table_print(table, stdout);
	table_free(table);
}

static int
list(struct cli *cli)
{
	return api_show_list(cli, "/v1/ssh-keys", "ssh_keys", print_keys);
}

int
run_key(struct cli *cli, int argc, char **argv)
{
	const char *name = NULL;
	const struct option_row rows[] = {{"name", 'n', OPTION_TEXT, &name}};
	struct err err = {0};
	int rest, status = CLI_OK;

	argc = options_parse(cli, rows, 1, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage("key", "%s", err.text);
	if (argc == 3 && strcmp(argv[1], "add") == 0)
		return add(cli, argv[2], name);
	if (argc == 2 && strcmp(argv[1], "list") == 0)
		return list(cli);
	if (argc < 3 || strcmp(argv[1], "rm") != 0)
		return cli_usage("key", "add, list or rm?");
	for (int i = 2; i < argc; i++)
		if (api_call_item(cli, "DELETE", "/v1/ssh-keys", argv[i],
		    NULL, NULL, NULL, &err) < 0)
			status = cli_fail(&err);
	return status;
}
