// SPDX-License-Identifier: Apache-2.0
/* sandgate file: files in a sandbox, by the API. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/listing.h"
#include "cli/options.h"
#include "common/parse.h"

#define VERB	  "file"
#define PATH_SIZE 16384

struct wishes {
	bool is_regex, ignores_case, is_recursive, is_compressed;
	const char *name, *limit, *owner;
};

static const struct listing entries = {NULL, "entries",
    {{"MODE", "mode", LISTING_TEXT}, {"TYPE", "type", LISTING_TEXT},
	{"UID", "uid", LISTING_NUMBER}, {"SIZE", "size_bytes", LISTING_BYTES},
	{"MODIFIED", "modified_at", LISTING_TIME}, {"NAME", "name",
	LISTING_TEXT}, {"TARGET", "target", LISTING_TEXT}, {NULL}}};

/* "/v1/sandboxes/ID/files" and what follows; -EINVAL for no id. */
static int
make_path(char path[PATH_SIZE], const char *id, const char *suffix,
    struct err *err)
{
	if (!sandbox_id_is_valid(id) && !name_is_valid(id))
		return err_set(err, EINVAL, "\"%.40s\" is not an id", id);
	snprintf(path, PATH_SIZE, "/v1/sandboxes/%s/files%s", id, suffix);
	return 0;
}

static void
print_matches(const json_t *answer)
{
	const char *cut = api_string(answer, "truncated_by");

	listing_print_found(json_object_get(answer, "matches"));
	if (*cut != '\0')
		fprintf(stderr, "sandgate: there may be more: cut by %s\n",
		    cut);
}

/* What a GET of a path is answered with, by `print` unless as JSON. */
static int
show(struct cli *cli, const char *path, void (*print)(const json_t *answer))
{
	auto_json json_t *answer = NULL;
	struct err err = {0};

	if (api_call(cli, "GET", path, NULL, &answer, &err) < 0)
		return cli_fail(&err);
	if (cli->is_json)
		api_print(answer);
	else
		print(answer);
	return CLI_OK;
}

static void
print_entries(const json_t *answer)
{
	listing_print(&entries, json_object_get(answer, "entries"));
}

static int
list(struct cli *cli, const char *id, const char *folder)
{
	char path[PATH_SIZE];
	struct err err = {0};

	if (make_path(path, id, "/list", &err) < 0 ||
	    api_add_query(path, sizeof path, "path", folder, &err) < 0)
		return cli_usage(VERB, "%s", err.text);
	return show(cli, path, print_entries);
}

static int
search(struct cli *cli, const char *id, const char *folder, const char *name,
    const char *text, const struct wishes *wishes)
{
	char path[PATH_SIZE];
	struct err err = {0};

	if (make_path(path, id, "/search", &err) < 0 ||
	    api_add_query(path, sizeof path, "path", folder, &err) < 0 ||
	    api_add_query(path, sizeof path, "name", name, &err) < 0 ||
	    api_add_query(path, sizeof path, "text", text, &err) < 0 ||
	    api_add_query(path, sizeof path, "regex", wishes->is_regex ? "1" :
	    NULL, &err) < 0 ||
	    api_add_query(path, sizeof path, "ignore_case",
	    wishes->ignores_case ? "1" : NULL, &err) < 0 ||
	    api_add_query(path, sizeof path, "limit", wishes->limit, &err) < 0)
		return cli_usage(VERB, "%s", err.text);
	return show(cli, path, print_matches);
}

/* Posts an object, which it takes over; NULL: it is none. */
static int
post(struct cli *cli, const char *id, const char *suffix, json_t *taken)
{
	auto_json json_t *body = taken;
	auto_json json_t *answer = NULL;
	char path[PATH_SIZE];
	struct err err = {0};

	if (body == NULL)
		return cli_usage(VERB, "a path has to be UTF-8 here");
	if (make_path(path, id, suffix, &err) < 0)
		return cli_usage(VERB, "%s", err.text);
	if (api_call(cli, "POST", path, body, &answer, &err) < 0)
		return cli_fail(&err);
	if (cli->is_json)
		api_print(answer);
	return CLI_OK;
}

static int
change(struct cli *cli, const char *id, const char *mode, const char *name,
    const struct wishes *wishes)
{
	/* "-" leaves it as it is. */
	const char *said = strcmp(mode, "-") == 0 ? NULL : mode;

	return post(cli, id, "/chmod", json_pack("{s:s,s:s?,s:s?,s:b}", "path",
	    name, "mode", said, "owner", wishes->owner, "recursive",
	    wishes->is_recursive));
}

static int
remove_one(struct cli *cli, const char *id, const char *name,
    const struct wishes *wishes)
{
	char path[PATH_SIZE];
	struct err err = {0};

	if (make_path(path, id, "", &err) < 0 ||
	    api_add_query(path, sizeof path, "path", name, &err) < 0 ||
	    api_add_query(path, sizeof path, "recursive",
	    wishes->is_recursive ? "1" : NULL, &err) < 0)
		return cli_usage(VERB, "%s", err.text);
	return api_call(cli, "DELETE", path, NULL, NULL, &err) < 0 ?
	    cli_fail(&err) : CLI_OK;
}

static int
pack(struct cli *cli, const char *id, const char *folder, const char *file,
    const struct wishes *wishes)
{
	char path[PATH_SIZE];
	struct err err = {0};

	if (make_path(path, id, "/tar", &err) < 0 ||
	    api_add_query(path, sizeof path, "path", folder, &err) < 0 ||
	    api_add_query(path, sizeof path, "gzip", wishes->is_compressed ?
	    "1" : NULL, &err) < 0)
		return cli_usage(VERB, "%s", err.text);
	if ((file == NULL || strcmp(file, "-") == 0) && isatty(STDOUT_FILENO))
		return cli_usage(VERB, "an archive is nothing for a "
		    "terminal: name a file");
	return api_save(cli, path, file, &err) < 0 ? cli_fail(&err) : CLI_OK;
}

static int
unpack(struct cli *cli, const char *id, const char *folder, const char *file)
{
	const bool is_stdin = file == NULL || strcmp(file, "-") == 0;
	auto_json json_t *answer = NULL;
	char path[PATH_SIZE];
	struct err err = {0};
	FILE *in = stdin;
	int r;

	if (make_path(path, id, "/tar", &err) < 0 ||
	    api_add_query(path, sizeof path, "path", folder, &err) < 0)
		return cli_usage(VERB, "%s", err.text);
	if (!is_stdin)
		in = fopen(file, "re");
	if (in == NULL) {
		err_errno(&err, "%.200s", file);
		return cli_fail(&err);
	}
	r = api_upload(cli, path, in, &answer, &err);
	if (!is_stdin)
		(void)fclose(in);
	if (r < 0)
		return cli_fail(&err);
	if (cli->is_json)
		api_print(answer);
	else
		printf("%.0f files, %.0f folders, %.0f links\n",
		    api_number(answer, "files"), api_number(answer, "folders"),
		    api_number(answer, "links"));
	return CLI_OK;
}

/* Each as it comes; api_line. */
static bool
print_change(void *arg, const json_t *line)
{
	const struct cli *cli = arg;
	const char *path = api_string(line, "path");

	if (cli->is_json) {
		(void)json_dumpf(line, stdout, JSON_COMPACT);
		putchar('\n');
	} else {
		printf("%s %s\n", api_string(line, "event"), *path != '\0' ?
		    path : api_string(line, "message"));
	}
	return fflush(stdout) == 0;
}

static int
watch(struct cli *cli, const char *id, const char *folder,
    const struct wishes *wishes)
{
	char path[PATH_SIZE];
	struct err err = {0};

	if (make_path(path, id, "/watch", &err) < 0 ||
	    api_add_query(path, sizeof path, "path", folder, &err) < 0 ||
	    api_add_query(path, sizeof path, "recursive",
	    wishes->is_recursive ? "1" : NULL, &err) < 0)
		return cli_usage(VERB, "%s", err.text);
	return api_follow(cli, path, print_change, cli, &err) < 0 ?
	    cli_fail(&err) : CLI_OK;
}

/* n words after the verb, of which the first says what. */
static int
run_words(struct cli *cli, int n, char **words, const struct wishes *wishes)
{
	const char *what = n > 1 ? words[0] : "";

	if ((n == 2 || n == 3) && strcmp(what, "ls") == 0)
		return list(cli, words[1], n == 3 ? words[2] : ".");
	if (n == 4 && strcmp(what, "find") == 0)
		return search(cli, words[1], words[2], words[3], NULL, wishes);
	if (n == 4 && strcmp(what, "grep") == 0)
		return search(cli, words[1], words[2], wishes->name, words[3],
		    wishes);
	if (n == 4 && strcmp(what, "chmod") == 0)
		return change(cli, words[1], words[2], words[3], wishes);
	if (n == 3 && strcmp(what, "mkdir") == 0)
		return post(cli, words[1], "/mkdir", json_pack("{s:s}", "path",
		    words[2]));
	if (n == 4 && strcmp(what, "mv") == 0)
		return post(cli, words[1], "/move", json_pack("{s:s,s:s}",
		    "path", words[2], "target", words[3]));
	if (n == 3 && strcmp(what, "rm") == 0)
		return remove_one(cli, words[1], words[2], wishes);
	if ((n == 2 || n == 3) && strcmp(what, "watch") == 0)
		return watch(cli, words[1], n == 3 ? words[2] : ".", wishes);
	if ((n == 3 || n == 4) && strcmp(what, "pack") == 0)
		return pack(cli, words[1], words[2], n == 4 ? words[3] : NULL,
		    wishes);
	if ((n == 3 || n == 4) && strcmp(what, "unpack") == 0)
		return unpack(cli, words[1], words[2], n == 4 ? words[3] :
		    NULL);
	return cli_usage(VERB, "ls, find, grep, watch, chmod, mkdir, mv, rm, "
	    "pack or unpack, and the id of a sandbox?");
}

int
run_file(struct cli *cli, int argc, char **argv)
{
	struct wishes wishes = {0};
	const struct option_row rows[] = {
	    {"regex", 'E', OPTION_FLAG, &wishes.is_regex},
	    {"ignore-case", 'i', OPTION_FLAG, &wishes.ignores_case},
	    {"name", 'n', OPTION_TEXT, &wishes.name},
	    {"limit", 0, OPTION_TEXT, &wishes.limit},
	    {"recursive", 'R', OPTION_FLAG, &wishes.is_recursive},
	    {"owner", 0, OPTION_TEXT, &wishes.owner},
	    {"gzip", 'z', OPTION_FLAG, &wishes.is_compressed}};
	struct err err = {0};
	int rest;

	argc = options_parse(cli, rows, sizeof rows / sizeof *rows, argc, argv,
	    &rest, &err);
	if (argc < 0)
		return cli_usage(VERB, "%s", err.text);
	return run_words(cli, argc - 1, argv + 1, &wishes);
}
