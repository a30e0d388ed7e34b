// SPDX-License-Identifier: Apache-2.0
#include "cli/template_import.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/api.h"
#include "cli/recipe.h"
#include "cli/template_build.h"
#include "common/fd.h"
#include "common/parse.h"

#define PARENT	  "oci"
#define PATH_SIZE 1024

/* In the sandbox, where nobody else has anything. */
#define PLACE  "/.import"
#define UPLOAD "/tmp/source.tar" /* who imports there may be anybody */
#define ROOT   PLACE "/root"
#define CONFIG PLACE "/config.json"
/* Of the image's configuration, at most. */
#define CONFIG_BYTES "1048576"

#define STEP_TIMEOUT_S 1800

#define MISSING                                                                \
	"for p in skopeo umoci; do command -v $p >/dev/null || { echo \"no "   \
	"$p in here: `sandgate template build oci` makes a template that has " \
	"it\" >&2; exit 1; }; done"
#define UNPACK                                                                 \
	"set -e; cd " PLACE "; umoci raw unpack --image oci:image root; "      \
	"skopeo inspect --config --raw oci:oci:image >config.json; "           \
	"[ \"$(stat -c %s config.json)\" -le " CONFIG_BYTES " ]; rm -rf oci"

/* What is a mount in every sandbox is the same in this one. */
static const char *const mounts[] = {"proc", "sys", "dev", "tmp", "run",
    ".import", NULL};

struct import {
	struct cli *cli;
	struct recipe recipe;
	const char *file; /* to be put into the sandbox; NULL: none */
	char packed[64];  /* a file of ours, with the folder; "" = none */
	char folder[PATH_SIZE];
};

static bool
is_mount(const char *name)
{
	const char *const *at = mounts;

	while (*at != NULL && strcmp(*at, name) != 0)
		at++;
	return *at != NULL;
}

static int
add_step(struct import *import, const char *name, char *command,
    struct err *err)
{
	struct recipe *recipe = &import->recipe;
	char *copy = strdup(name);

	if (copy == NULL || command == NULL) {
		free(copy);
		free(command);
		return err_set(err, ENOMEM, "out of memory");
	}
	recipe->steps[recipe->n_steps++] = (struct recipe_step){copy, command};
	return 0;
}

/* Words of a shell's single quotes: what would end them is refused. */
static int
check_words(const char *source, struct err *err)
{
	for (const char *at = source; *at != '\0'; at++)
		if (*at == '\'' || (unsigned char)*at < ' ')
			return err_set(err, EINVAL, "\"%.60s\": neither "
			    "quotes nor control characters", source);
	return 0;
}

static int
add_steps(struct import *import, const char *unpack, const char *from,
    struct err *err)
{
	char *command = NULL, name[160];
	int r = add_step(import, "skopeo and umoci", strdup(MISSING), err);

	if (asprintf(&command, "set -e; mkdir -p " PLACE "; cd " PLACE "; "
	    "%s%sskopeo --insecure-policy copy '%s' oci:oci:image; "
	    "rm -rf source.tar layout", strncmp(from, "docker:", 7) == 0 ? "" :
	    "mv " UPLOAD " source.tar; ", unpack, from) < 0)
		command = NULL;
	snprintf(name, sizeof name, "get %.128s", from);
	if (r == 0)
		r = add_step(import, name, command, err);
	else
		free(command);
	return r < 0 ? r : add_step(import, "unpack", strdup(UNPACK), err);
}

static const char *
rest_of(const char *source, const char *prefix)
{
	const size_t n = strlen(prefix);

	return strncmp(source, prefix, n) == 0 ? source + n : NULL;
}

/* "FOLDER" or "FOLDER:TAG", of which the folder is one here. */
static int
read_layout(struct import *import, const char *rest, struct err *err)
{
	const char *colon = strrchr(rest, ':');
	size_t n = colon != NULL && strchr(colon, '/') == NULL ?
	    (size_t)(colon - rest) : strlen(rest);
	char from[PATH_SIZE];

	snprintf(import->folder, sizeof import->folder, "%.*s", (int)n, rest);
	snprintf(from, sizeof from, "oci:layout%.200s", rest + n);
	import->file = import->packed;
	return add_steps(import, "mkdir layout; tar -C layout -xf source.tar; "
	    "rm source.tar; ", from, err);
}

static int
read_source(struct import *import, const char *source, struct err *err)
{
	const char *rest;
	int r = check_words(source, err);

	if (r < 0)
		return r;
	if (rest_of(source, "docker://") != NULL)
		return add_steps(import, "", source, err);
	if ((rest = rest_of(source, "oci:")) != NULL)
		return read_layout(import, rest, err);
	if ((rest = rest_of(source, "oci-archive:")) != NULL)
		r = add_steps(import, "", "oci-archive:source.tar", err);
	else if ((rest = rest_of(source, "docker-archive:")) != NULL)
		r = add_steps(import, "", "docker-archive:source.tar", err);
	else
		return err_set(err, EINVAL, "\"%.60s\" is not oci:FOLDER[:TAG],"
		    " oci-archive:FILE, docker-archive:FILE or docker://NAME",
		    source);
	import->file = rest;
	return r;
}

/* A folder as a file of ours, which is removed at the end. */
static int
pack(struct import *import, struct err *err)
{
	char name[] = "tar", c[] = "-C", f[] = "-cf", all[] = ".";
	char *argv[] = {name, c, import->folder, f, import->packed, all, NULL};
	int status, fd, r;
	pid_t pid;

	snprintf(import->packed, sizeof import->packed,
	    "/var/tmp/sandgate-import-XXXXXX");
	fd = mkostemp(import->packed, O_CLOEXEC);
	if (fd < 0) {
		import->packed[0] = '\0';
		return err_errno(err, "/var/tmp");
	}
	close(fd);
	r = posix_spawnp(&pid, "tar", NULL, NULL, argv, environ);
	if (r != 0)
		return err_set(err, r, "tar: %s", strerror(r));
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_errno(err, "tar");
	return status == 0 ? 0 : err_set(err, EIO, "%s: cannot be read",
	    import->folder);
}

static int
put_file(const struct import *import, const char *id, struct err *err)
{
	auto_close int fd = open(import->file, O_RDONLY | O_CLOEXEC);
	char path[PATH_SIZE];
	struct stat status;
	void *bytes;
	int r;

	if (fd < 0 || fstat(fd, &status) < 0)
		return err_errno(err, "%s", import->file);
	if (status.st_size == 0)
		return err_set(err, EINVAL, "%s: is empty", import->file);
	bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd,
	    0);
	if (bytes == MAP_FAILED)
		return err_errno(err, "%s", import->file);
	snprintf(path, sizeof path, "/v1/sandboxes/%s/files?path=" UPLOAD, id);
	r = api_put(import->cli, path, bytes, (size_t)status.st_size, NULL,
	    err);
	munmap(bytes, (size_t)status.st_size);
	return r;
}

static int
before(void *arg, const char *id, struct err *err)
{
	const struct import *import = arg;

	return import->file == NULL ? 0 : put_file(import, id, err);
}

/* The names in a folder of the sandbox. */
static int
list(const struct import *import, const char *id, const char *folder,
    json_t **ret, struct err *err)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof path, "/v1/sandboxes/%s/files/list?path=%s", id,
	    folder);
	return api_call(import->cli, "GET", path, NULL, ret, err);
}

static int
remove_path(const struct import *import, const char *id, const char *folder,
    const char *name, struct err *err)
{
	char file[PATH_SIZE / 2], path[PATH_SIZE];
	int r;

	snprintf(file, sizeof file, "%s/%s", folder, name);
	snprintf(path, sizeof path, "/v1/sandboxes/%s/files?recursive=1", id);
	r = api_add_query(path, sizeof path, "path", file, err);
	return r < 0 ? r :
	    api_call(import->cli, "DELETE", path, NULL, NULL, err);
}

/* Nothing of the parent's is left, but where mounts are. */
static int
empty(const struct import *import, const char *id, struct err *err)
{
	auto_json json_t *answer = NULL;
	int r = list(import, id, "/", &answer, err);
	const json_t *entry;
	size_t i;

	json_array_foreach(json_object_get(answer, "entries"), i, entry) {
		const char *name = api_string(entry, "name");

		if (r == 0 && !is_mount(name))
			r = remove_path(import, id, "", name, err);
	}
	return r;
}

static int
move(const struct import *import, const char *id, const char *name,
    struct err *err)
{
	auto_json json_t *body = NULL;
	char from[PATH_SIZE], to[PATH_SIZE];

	snprintf(from, sizeof from, ROOT "/%s", name);
	snprintf(to, sizeof to, "/%s", name);
	body = json_pack("{s:s, s:s}", "path", from, "target", to);
	return api_call_item(import->cli, "POST", "/v1/sandboxes", id,
	    "files/move", body, NULL, err);
}

static int
fill(const struct import *import, const char *id, struct err *err)
{
	auto_json json_t *answer = NULL;
	int r = list(import, id, ROOT, &answer, err);
	const json_t *entry;
	size_t i;

	if (r == 0)
		r = empty(import, id, err);
	json_array_foreach(json_object_get(answer, "entries"), i, entry) {
		const char *name = api_string(entry, "name");

		if (r == 0 && !is_mount(name))
			r = move(import, id, name, err);
	}
	return r;
}

static json_t *
read_env(const json_t *list)
{
	json_t *env = json_object();
	const json_t *entry;
	size_t i;

	json_array_foreach(list, i, entry) {
		const char *text = json_string_value(entry);
		const char *equals = text != NULL ? strchr(text, '=') : NULL;
		char name[256];

		if (equals == NULL || equals == text ||
		    (size_t)(equals - text) >= sizeof name)
			continue;
		snprintf(name, sizeof name, "%.*s", (int)(equals - text), text);
		json_object_set_new(env, name, json_string(equals + 1));
	}
	return env;
}

/* Its program is all words of both. */
static json_t *
read_entrypoint(const json_t *config)
{
	json_t *words = json_array();

	(void)json_array_extend(words, json_object_get(config, "Entrypoint"));
	(void)json_array_extend(words, json_object_get(config, "Cmd"));
	return words;
}

static void
take_config(struct import *import, const json_t *image)
{
	const json_t *config = json_object_get(image, "config");
	const char *user = api_string(config, "User");
	const char *folder = api_string(config, "WorkingDir");
	json_t *template = import->recipe.template;
	json_t *words = read_entrypoint(config);

	json_object_set_new(template, "env", read_env(json_object_get(config,
	    "Env")));
	json_object_set_new(template, "user", json_string(*user != '\0' ?
	    user : "0"));
	json_object_set_new(template, "workdir", json_string(*folder != '\0' ?
	    folder : "/"));
	if (json_array_size(words) > 0)
		json_object_set(template, "entrypoint", words);
	json_decref(words);
}

static int
read_config(struct import *import, const char *id, struct err *err)
{
	auto_json json_t *image = NULL;
	char path[PATH_SIZE], *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	int r;

	if (file == NULL)
		return err_set(err, ENOMEM, "out of memory");
	snprintf(path, sizeof path, "/v1/sandboxes/%s/files?path=" CONFIG, id);
	r = api_download(import->cli, path, file, err);
	fclose(file);
	if (r == 0)
		image = json_loadb(text, size, 0, NULL);
	free(text);
	if (r == 0 && image == NULL)
		r = err_set(err, EINVAL, "the image's configuration is no "
		    "JSON");
	if (r == 0)
		take_config(import, image);
	return r;
}

static int
after(void *arg, const char *id, struct err *err)
{
	struct import *import = arg;
	int r = read_config(import, id, err);

	if (r == 0)
		r = fill(import, id, err);
	return r < 0 ? r : remove_path(import, id, "", PLACE + 1, err);
}

static int
run(struct import *import, const char *name, const char *source,
    const char *parent, bool is_own, struct err *err)
{
	const struct template_stages stages = {before, after, import};
	int r;

	import->recipe = (struct recipe){.step_timeout_s = STEP_TIMEOUT_S,
	    .builder = json_pack("{s:s, s:s}", "template", parent != NULL ?
	    parent : PARENT, "memory", "1G"),
	    .template = json_object()};
	r = read_source(import, source, err);
	if (r == 0 && import->file == import->packed)
		r = pack(import, err);
	return r < 0 ? r : template_build_recipe(import->cli, name,
	    &import->recipe, is_own, &stages, err);
}

int
template_import(struct cli *cli, const char *name, const char *source,
    const char *parent, bool is_own)
{
	struct import import = {.cli = cli};
	struct err err = {0};
	int r;

	if (cli->is_lobby)
		return cli_usage("template", "import: there are no files here");
	if (!name_is_valid(name))
		return cli_usage("template", "\"%.64s\" is not a name: 1 to 63 "
		    "of a-z 0-9 _ . -, the first a letter or digit", name);
	r = run(&import, name, source, parent, is_own, &err);
	if (import.packed[0] != '\0')
		(void)unlink(import.packed);
	recipe_free(&import.recipe);
	return r < 0 ? cli_fail(&err) : CLI_OK;
}
