// SPDX-License-Identifier: Apache-2.0
/*
 * sandgate ssh-config: entries for the system's ssh, and so for everything that
 * reads its configuration. What is written are two files of our own and one
 * line in the user's.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/api.h"
#include "cli/options.h"
#include "cli/ssh.h"
#include "cli/ssh_entries.h"
#include "common/fd.h"

#define HOST_SIZE	 256
#define ALIAS_SIZE	 (HOST_SIZE + 32)
#define CONFIG_MAX_BYTES (4 * 1024 * 1024)
#define CONFIG_MODE	 0600

struct config {
	struct cli *cli;
	bool writes, shows_known_hosts, shows_sshfp;
	const char *host_wanted, *identity;
	int n_ids;
	char **ids; /* the sandboxes asked for, by id or name; none = all */

	char host[HOST_SIZE], alias[ALIAS_SIZE];
	char dir[PATH_MAX - 32];
	char entries_path[PATH_MAX], known_hosts_path[PATH_MAX];
	char user_path[PATH_MAX]; /* the user's own file */
	char *user_text;	  /* what is in it; owned */
	struct ssh_endpoint endpoint;
	json_t *ssh, *sandboxes; /* owned */
};

static void
config_fini(struct config *config)
{
	free(config->user_text);
	json_decref(config->ssh);
	json_decref(config->sandboxes);
}

static int
choose_paths(struct config *config, struct err *err)
{
	const char *home = getenv("HOME");
	const struct passwd *user;

	/* In the lobby it is the client's, wherever that is. */
	if (config->cli->is_lobby) {
		home = "~";
	} else if (home == NULL || *home != '/') {
		user = getpwuid(getuid());
		home = user != NULL ? user->pw_dir : "/";
	}
	if (snprintf(config->dir, sizeof config->dir, "%s/.ssh", home) >=
	    (int)sizeof config->dir || strpbrk(home, "\"\n\r") != NULL)
		return err_set(err, EINVAL, "%.200s: cannot stand in a "
		    "configuration of ssh", home);
	snprintf(config->entries_path, sizeof config->entries_path,
	    "%s/sandgate.conf", config->dir);
	snprintf(config->known_hosts_path, sizeof config->known_hosts_path,
	    "%s/sandgate_known_hosts", config->dir);
	snprintf(config->user_path, sizeof config->user_path, "%s/config",
	    config->dir);
	return 0;
}

/* The text of the user's file; "" where there is none. */
static int
read_user_file(struct config *config, struct err *err)
{
	auto_close int fd = open(config->user_path, O_RDONLY | O_CLOEXEC);
	struct stat st = {0};

	if (fd < 0 && errno != ENOENT)
		return err_errno(err, "%s", config->user_path);
	if (fd >= 0 && fstat(fd, &st) < 0)
		return err_errno(err, "%s", config->user_path);
	if (st.st_size > CONFIG_MAX_BYTES)
		return err_set(err, EFBIG, "%s: too large",
		    config->user_path);
	config->user_text = calloc(1, (size_t)st.st_size + 1);
	if (config->user_text == NULL)
		return err_set(err, ENOMEM, "out of memory");
	if (fd >= 0 && fd_read_all(fd, config->user_text,
	    (size_t)st.st_size) < 0)
		return err_set(err, EIO, "%s: cannot be read",
		    config->user_path);
	return 0;
}

static int
ask(struct config *config, struct err *err)
{
	int r = api_call(config->cli, "GET", "/v1/ssh", NULL, &config->ssh,
	    err);

	if (r == 0)
		r = api_call(config->cli, "GET", "/v1/sandboxes", NULL,
		    &config->sandboxes, err);
	if (r < 0)
		return r;
	if (config->host_wanted != NULL)
		snprintf(config->host, sizeof config->host, "%s",
		    config->host_wanted);
	else
		ssh_choose_host(config->cli, api_string(config->ssh, "host"),
		    config->host, sizeof config->host);
	if (!ssh_entries_is_word(config->host) ||
	    !ssh_entries_is_word(api_string(config->ssh, "host")))
		return err_set(err, EINVAL, "host: \"%.64s\" is not the name "
		    "or the address of a host", config->host);
	snprintf(config->alias, sizeof config->alias, "sandgate-%s-%.0f",
	    api_string(config->ssh, "host"), api_number(config->ssh, "port"));
	config->endpoint = (struct ssh_endpoint){.host = config->host,
	    .port = (unsigned int)api_number(config->ssh, "port"),
	    .alias = config->alias, .dir = config->dir,
	    .known_hosts = config->known_hosts_path,
	    .identity = config->identity};
	return 0;
}

static bool
is_called(const json_t *sandbox, const char *word)
{
	return strcmp(word, api_string(sandbox, "id")) == 0 ||
	    strcmp(word, api_string(sandbox, "name")) == 0;
}

static bool
is_wanted(const struct config *config, const json_t *sandbox)
{
	for (int i = 0; i < config->n_ids; i++)
		if (is_called(sandbox, config->ids[i]))
			return true;
	return config->n_ids == 0;
}

/* Whoever asks for what is not there is told so, and gets nothing. */
static int
check_ids(const struct config *config, const json_t *sandboxes,
    struct err *err)
{
	for (int id = 0; id < config->n_ids; id++) {
		const json_t *sandbox = NULL;
		size_t i = 0;

		while ((sandbox = json_array_get(sandboxes, i++)) != NULL &&
		    !is_called(sandbox, config->ids[id]))
			continue;
		if (sandbox == NULL)
			return err_set(err, ENOENT, "%.64s: no such sandbox",
			    config->ids[id]);
	}
	return 0;
}

/*
 * The name a sandbox is also reached by, or NULL: the newest of those that
 * share it has it, and nothing the user has named so is taken over.
 */
static const char *
alias_of(const struct config *config, const json_t *sandboxes,
    const json_t *sandbox)
{
	const char *name = api_string(sandbox, "name");
	const json_t *other;
	size_t i;

	if (!ssh_entries_is_alias(name) ||
	    ssh_entries_names_host(config->user_text, name))
		return NULL;
	json_array_foreach(sandboxes, i, other)
		if (strcmp(api_string(other, "name"), name) == 0 &&
		    strcmp(api_string(other, "created_at"),
		    api_string(sandbox, "created_at")) > 0)
			return NULL;
	return name;
}

static int
put_entries(const struct config *config, FILE *file, struct err *err)
{
	const json_t *sandboxes = json_object_get(config->sandboxes,
	    "sandboxes");
	const json_t *sandbox;
	size_t i;
	int r = check_ids(config, sandboxes, err);

	if (r < 0)
		return r;
	fputs("# Made by `sandgate ssh-config`, and made anew by it.\n\n",
	    file);
	json_array_foreach(sandboxes, i, sandbox) {
		if (!is_wanted(config, sandbox))
			continue;
		if (!ssh_entries_is_word(api_string(sandbox, "id")))
			return err_set(err, EIO, "the API's answer is "
			    "malformed");
		ssh_entries_put(file, &config->endpoint,
		    api_string(sandbox, "id"),
		    alias_of(config, sandboxes, sandbox));
	}
	return 0;
}

static int
put_known_hosts(const struct config *config, FILE *file, struct err *err)
{
	const json_t *keys = json_object_get(config->ssh, "host_keys"), *key;
	auto_json json_t *lines = json_array();
	size_t i;

	json_array_foreach(keys, i, key)
		json_array_append_new(lines, json_string(api_string(key,
		    "public_key")));
	return ssh_entries_put_known_hosts(file, config->alias, lines, err);
}

/* Puts text in the place of what path has, whole or not at all. */
static int
replace_file(const char *path, mode_t mode, const char *text, struct err *err)
{
	char temporary[PATH_MAX + 8];
	auto_close int fd = -1;
	int r;

	snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "%s", path);
	r = fd_write_all(fd, text, strlen(text));
	if (r == 0 && (fchmod(fd, mode) < 0 || fsync(fd) < 0 ||
	    rename(temporary, path) < 0))
		r = -errno;
	if (r == 0)
		return 0;
	(void)unlink(temporary);
	return err_set(err, -r, "%s: %s", path, strerror(-r));
}

static int
write_file(const struct config *config, const char *path,
    int (*put)(const struct config *config, FILE *file, struct err *err),
    struct err *err)
{
	auto_free char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	int r;

	if (file == NULL)
		return err_set(err, ENOMEM, "out of memory");
	r = put(config, file, err);
	if (fclose(file) != 0)
		r = err_set(err, ENOMEM, "out of memory");
	return r < 0 ? r : replace_file(path, CONFIG_MODE, text, err);
}

/*
 * One line at the top of the user's file, where no Host above it narrows it;
 * all else stays as it is. A link, or another's file, is theirs to change.
 */
static int
include(const struct config *config, struct err *err)
{
	auto_free char *text = NULL;
	struct stat st = {.st_mode = CONFIG_MODE | S_IFREG,
	    .st_uid = getuid()};

	if (ssh_entries_has_include(config->user_text, config->entries_path))
		return 0;
	if (lstat(config->user_path, &st) < 0 && errno != ENOENT)
		return err_errno(err, "%s", config->user_path);
	if (!S_ISREG(st.st_mode) || st.st_uid != getuid() || st.st_nlink > 1) {
		fprintf(stderr, "Put at the top of %s:\nInclude \"%s\"\n",
		    config->user_path, config->entries_path);
		return 0;
	}
	if (asprintf(&text, "Include \"%s\"\n%s", config->entries_path,
	    config->user_text) < 0) {
		text = NULL;
		return err_set(err, ENOMEM, "out of memory");
	}
	return replace_file(config->user_path, st.st_mode & 07777, text, err);
}

static int
write_all(const struct config *config, struct err *err)
{
	int r;

	if (mkdir(config->dir, 0700) < 0 && errno != EEXIST)
		return err_errno(err, "%s", config->dir);
	r = write_file(config, config->known_hosts_path, put_known_hosts, err);
	if (r == 0)
		r = write_file(config, config->entries_path, put_entries, err);
	return r < 0 ? r : include(config, err);
}

static int
put_sshfp(const struct config *config, FILE *file, struct err *err)
{
	const json_t *keys = json_object_get(config->ssh, "host_keys"), *key;
	size_t i;

	(void)err;
	json_array_foreach(keys, i, key)
		fprintf(file, "%s\n", api_string(key, "sshfp"));
	return 0;
}

static int
show(const struct config *config, struct err *err)
{
	if (config->writes)
		return write_all(config, err);
	if (config->shows_sshfp)
		return put_sshfp(config, stdout, err);
	if (config->shows_known_hosts)
		return put_known_hosts(config, stdout, err);
	if (config->cli->is_lobby)
		fprintf(stderr, "Put into %s what --known-hosts prints.\n",
		    config->known_hosts_path);
	else if (access(config->known_hosts_path, R_OK) < 0)
		fprintf(stderr, "%s is not there yet: --write makes it.\n",
		    config->known_hosts_path);
	return put_entries(config, stdout, err);
}

int
run_ssh_config(struct cli *cli, int argc, char **argv)
{
	__attribute__((cleanup(config_fini))) struct config config = {
	    .cli = cli};
	const struct option_row rows[] = {
	    {"write", 'w', OPTION_FLAG, &config.writes},
	    {"known-hosts", 0, OPTION_FLAG, &config.shows_known_hosts},
	    {"sshfp", 0, OPTION_FLAG, &config.shows_sshfp},
	    {"host", 0, OPTION_TEXT, &config.host_wanted},
	    {"identity", 'i', OPTION_TEXT, &config.identity},
	};
	struct err err = {0};
	int rest;

	argc = options_parse(cli, rows, 5, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage("ssh-config", "%s", err.text);
	if (config.writes + config.shows_known_hosts + config.shows_sshfp > 1)
		return cli_usage("ssh-config",
		    "--write, --known-hosts or --sshfp, not several");
	if (cli->is_lobby && config.writes)
		return cli_usage("ssh-config",
		    "--write: there are no files here; keep what is printed");
	if (config.identity != NULL && (*config.identity != '/' ||
	    strpbrk(config.identity, "\"\r\n") != NULL))
		return cli_usage("ssh-config", "--identity: an absolute path");
	config.ids = argv + 1;
	config.n_ids = argc - 1;
	if (choose_paths(&config, &err) < 0 ||
	    read_user_file(&config, &err) < 0 || ask(&config, &err) < 0)
		return cli_fail(&err);
	if (cli->is_json && !config.writes) {
		api_print(config.ssh);
		return CLI_OK;
	}
	return show(&config, &err) < 0 ? cli_fail(&err) : CLI_OK;
}
