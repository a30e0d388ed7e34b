// SPDX-License-Identifier: Apache-2.0
/* sandgate disk: disks, which outlive sandboxes, and what is on them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/listing.h"
#include "cli/options.h"
#include "common/fd.h"
#include "common/parse.h"

#define VERB	     "disk"
#define PATH_SIZE    8192
#define ARTIFACT_MAX (16 * 1024 * 1024)

struct wishes {
	const char *user, *metadata;
};

static const struct listing disks = {"/v1/disks?limit=1000", "disks",
    {{"ID", "id", LISTING_TEXT}, {"NAME", "name", LISTING_TEXT},
	{"USER", "user", LISTING_TEXT}, {"OWNER", "owner", LISTING_TEXT},
	{"ARTIFACTS", "artifacts", LISTING_NUMBER},
	{"SIZE", "bytes", LISTING_BYTES}, {"UPDATED", "updated_at",
	LISTING_TIME}, {NULL}}};

static const struct listing artifacts = {NULL, "artifacts",
    {{"PATH", "path", LISTING_TEXT}, {"SIZE", "size", LISTING_BYTES},
	{"KIND", "kind", LISTING_TEXT}, {"MIME", "mime", LISTING_TEXT},
	{"UPDATED", "updated_at", LISTING_TIME}, {NULL}}};

/* "/v1/disks/DISK/artifacts" and what follows; -EINVAL for no id. */
static int
make_path(char path[PATH_SIZE], const char *disk, const char *suffix,
    struct err *err)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
	const size_t n = strlen(disk);

	if (n == 0 || n > 31 || strspn(disk, letters) != n)
		return err_set(err, EINVAL, "\"%.40s\" is not a disk's id",
		    disk);
	snprintf(path, PATH_SIZE, "/v1/disks/%s/artifacts%s", disk, suffix);
	return 0;
}

static int
create(struct cli *cli, const char *name, const struct wishes *wishes)
{
	auto_json json_t *body = json_object();
	auto_json json_t *disk = NULL;
	struct err err = {0};

	if (api_add_text(body, "name", name, &err) < 0 ||
	    api_add_text(body, "user", wishes->user, &err) < 0)
		return cli_usage(VERB, "%s", err.text);
	if (api_call(cli, "POST", "/v1/disks", body, &disk, &err) < 0)
		return cli_fail(&err);
	if (cli->is_json)
		api_print(disk);
	else
		printf("%s\n", api_string(disk, "id"));
	return CLI_OK;
}

static int
remove_artifact(struct cli *cli, const char *disk, const char *name,
    struct err *err)
{
	char path[PATH_SIZE];
	int r = make_path(path, disk, "", err);

	if (r == 0)
		r = api_add_query(path, sizeof path, "path", name, err);
	return r < 0 ? r : api_call(cli, "DELETE", path, NULL, NULL, err);
}

/* Disks, or artifacts of one; every one named, also after one that failed. */
static int
remove_all(struct cli *cli, int n, char **words)
{
	const bool is_inside = n > 1 && *words[1] == '/';
	struct err err = {0};
	int status = CLI_OK;

	for (int i = is_inside; i < n; i++)
		if ((is_inside ? remove_artifact(cli, words[0], words[i],
		    &err) : api_call_item(cli, "DELETE", "/v1/disks",
		    words[i], NULL, NULL, NULL, &err)) < 0)
			status = cli_fail(&err);
	return status;
}

/* The file, or of "-" what comes; the caller's. NULL with words. */
static char *
read_file(const char *path, size_t *ret_size, struct err *err)
{
	auto_close int opened = -1;
	char *bytes = malloc(ARTIFACT_MAX + 1);
	int fd = STDIN_FILENO;
	ssize_t n = 1;

	*ret_size = 0;
	if (strcmp(path, "-") != 0)
		fd = opened = open(path, O_RDONLY | O_CLOEXEC);
	while (bytes != NULL && fd >= 0 && n > 0 &&
	    *ret_size <= ARTIFACT_MAX) {
		n = read(fd, bytes + *ret_size, ARTIFACT_MAX + 1 - *ret_size);
		*ret_size += n > 0 ? (size_t)n : 0;
	}
	if (bytes == NULL || fd < 0 || n < 0)
		err_errno(err, "%.200s", path);
	else if (*ret_size > ARTIFACT_MAX)
		err_set(err, EFBIG, "%.200s: an artifact may have at most "
		    "16 MiB", path);
	else
		return bytes;
	free(bytes);
	return NULL;
}

/* SANDBOX:PATH: the path, and whose in ret_id; NULL: it is a file of here. */
static const char *
inside(const char *word, char ret_id[SANDBOX_ID_SIZE])
{
	const size_t n = strcspn(word, ":");

	if (word[n] != ':' || n >= SANDBOX_ID_SIZE)
		return NULL;
	memcpy(ret_id, word, n);
	ret_id[n] = '\0';
	sandbox_id_respell(ret_id);
	return sandbox_id_is_valid(ret_id) ? word + n + 1 : NULL;
}

static void
print_artifact(const struct cli *cli, const json_t *artifact)
{
	if (cli->is_json)
		api_print(artifact);
	else
		printf("%s  %s\n", api_string(artifact, "sha256"),
		    api_string(artifact, "path"));
}

/* What the service copies by itself. */
static int
copy(struct cli *cli, const char *disk, const char *suffix, json_t *body,
    json_t **ret, struct err *err)
{
	auto_json json_t *asked = body;
	char path[PATH_SIZE];

	if (asked == NULL)
		return err_set(err, EINVAL, "the metadata is no JSON, or a "
		    "name is not UTF-8");
	if (make_path(path, disk, suffix, err) < 0)
		return -EINVAL;
	return api_call(cli, "POST", path, asked, ret, err);
}

static int
put_from(struct cli *cli, const char *disk, const char *id, const char *source,
    const char *name, const char *metadata)
{
	auto_json json_t *artifact = NULL;
	struct err err = {0};
	json_t *said = json_loads(metadata != NULL ? metadata : "{}", 0, NULL);

	if (copy(cli, disk, "/from-sandbox", json_pack("{s:s, s:s, s:s, s:o}",
	    "sandbox", id, "source", source, "path", name, "metadata", said),
	    &artifact, &err) < 0)
		return cli_fail(&err);
	print_artifact(cli, artifact);
	return CLI_OK;
}

static int
put(struct cli *cli, const char *disk, const char *file, const char *name,
    const struct wishes *wishes)
{
	char path[PATH_SIZE], id[SANDBOX_ID_SIZE];
	const char *source = inside(file, id);
	auto_json json_t *artifact = NULL;
	auto_free char *bytes = NULL;
	struct err err = {0};
	size_t size;

	if (source != NULL)
		return put_from(cli, disk, id, source, name,
		    wishes->metadata);
	if (make_path(path, disk, "", &err) < 0 ||
	    api_add_query(path, sizeof path, "path", name, &err) < 0 ||
	    api_add_query(path, sizeof path, "metadata", wishes->metadata,
	    &err) < 0)
		return cli_usage(VERB, "%s", err.text);
	bytes = read_file(file, &size, &err);
	if (bytes == NULL || api_put(cli, path, bytes, size, &artifact,
	    &err) < 0)
		return cli_fail(&err);
	print_artifact(cli, artifact);
	return CLI_OK;
}

static int
get(struct cli *cli, const char *disk, const char *name, const char *file)
{
	char path[PATH_SIZE], id[SANDBOX_ID_SIZE];
	const char *target = file != NULL ? inside(file, id) : NULL;
	struct err err = {0};

	if (target != NULL)
		return copy(cli, disk, "/to-sandbox", json_pack(
		    "{s:s, s:s, s:s}", "path", name, "sandbox", id, "target",
		    target), NULL, &err) < 0 ? cli_fail(&err) : CLI_OK;
	if (make_path(path, disk, "", &err) < 0 ||
	    api_add_query(path, sizeof path, "path", name, &err) < 0)
		return cli_usage(VERB, "%s", err.text);
	return api_save(cli, path, file, &err) < 0 ? cli_fail(&err) : CLI_OK;
}

static void
print_folders(const json_t *answer)
{
	const json_t *name;
	size_t i;

	json_array_foreach(json_object_get(answer, "folders"), i, name)
		printf("%s/\n", json_string_value(name));
}

/* What one of the three asks, of which `name` is the query's. */
static int
look(struct cli *cli, const char *disk, const char *suffix, const char *name,
    const char *value)
{
	char path[PATH_SIZE];
	auto_json json_t *answer = NULL;
	struct err err = {0};

	if (make_path(path, disk, suffix, &err) < 0 ||
	    api_add_query(path, sizeof path, "limit", "1000", &err) < 0 ||
	    api_add_query(path, sizeof path, name, value, &err) < 0)
		return cli_usage(VERB, "%s", err.text);
	if (api_call(cli, "GET", path, NULL, &answer, &err) < 0)
		return cli_fail(&err);
	if (cli->is_json) {
		api_print(answer);
	} else if (strcmp(suffix, "/list") == 0) {
		print_folders(answer);
		listing_print(&artifacts, json_object_get(answer,
		    "artifacts"));
	} else {
		listing_print_found(json_object_get(answer, "artifacts"));
	}
	return CLI_OK;
}

int
run_disk(struct cli *cli, int argc, char **argv)
{
	struct wishes wishes = {0};
	const struct option_row rows[] = {
	    {"for", 0, OPTION_TEXT, &wishes.user},
	    {"metadata", 0, OPTION_TEXT, &wishes.metadata}};
	const char *what;
	struct err err = {0};
	int rest;

	argc = options_parse(cli, rows, sizeof rows / sizeof *rows, argc, argv,
	    &rest, &err);
	if (argc < 0)
		return cli_usage(VERB, "%s", err.text);
	what = argc > 1 ? argv[1] : "";
	if (argc == 2 && strcmp(what, "list") == 0)
		return listing_show(&disks, cli);
	if ((argc == 2 || argc == 3) && strcmp(what, "create") == 0)
		return create(cli, argc == 3 ? argv[2] : NULL, &wishes);
	if (argc >= 3 && strcmp(what, "rm") == 0)
		return remove_all(cli, argc - 2, argv + 2);
	if (argc == 5 && strcmp(what, "put") == 0)
		return put(cli, argv[2], argv[3], argv[4], &wishes);
	if ((argc == 4 || argc == 5) && strcmp(what, "get") == 0)
		return get(cli, argv[2], argv[3], argc == 5 ? argv[4] : NULL);
	if ((argc == 3 || argc == 4) && strcmp(what, "ls") == 0)
		return look(cli, argv[2], "/list", "path", argc == 4 ?
		    argv[3] : "/");
	if (argc == 4 && strcmp(what, "grep") == 0)
		return look(cli, argv[2], "/search", "grep", argv[3]);
	if (argc == 4 && strcmp(what, "glob") == 0)
		return look(cli, argv[2], "/search", "glob", argv[3]);
	return cli_usage(VERB, "create, list, rm, put, get, ls, grep or "
	    "glob?");
}
