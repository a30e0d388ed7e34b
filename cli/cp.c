// SPDX-License-Identifier: Apache-2.0
/* sandgate cp: files into and out of sandboxes, by the system's scp, and
 * folders by the API. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cp_folder.h"
#include "cli/options.h"
#include "cli/ssh.h"
#include "common/parse.h"

#define OPERAND_SIZE 4608

/* The id where word is ID:PATH, or its name; a path with a "/" before ":" is
 * local, and so is a file that is there. */
static bool
is_remote(const char *word, char ret_id[CLI_WORD_SIZE])
{
	size_t n = strcspn(word, ":/");

	if (word[n] != ':' || n == 0 || n >= CLI_WORD_SIZE)
		return false;
	memcpy(ret_id, word, n);
	ret_id[n] = '\0';
	sandbox_id_respell(ret_id);
	return sandbox_id_is_valid(ret_id) ||
	    (name_is_valid(ret_id) && access(word, F_OK) < 0);
}

/*
 * What scp is to see for word: a local path that it cannot take for a host or
 * an option, or a remote one after a grant for its sandbox.
 */
static int
operand(struct ssh_login *login, const char *word, bool as_root,
    char ret[OPERAND_SIZE], struct err *err)
{
	char id[CLI_WORD_SIZE];
	const char *host;
	int r, n;

	if (!is_remote(word, id)) {
		n = snprintf(ret, OPERAND_SIZE, "%s%s",
		    *word == '/' ? "" : "./", word);
		return n < OPERAND_SIZE ? 0 :
		    err_set(err, ENAMETOOLONG, "%.60s...: too long", word);
	}
	r = ssh_login_grant(login, id, err);
	if (r < 0)
		return r;
	host = ssh_login_host(login);
	n = snprintf(ret, OPERAND_SIZE,
	    strchr(host, ':') != NULL ? "%s%s@[%s]:%s" : "%s%s@%s:%s",
	    ssh_login_username(login),
	    as_root ? "+root" : "", host, word + strlen(id) + 1);
	return n < OPERAND_SIZE ? 0 :
	    err_set(err, ENAMETOOLONG, "%.60s...: too long", word);
}

/* A path in the sandbox of that name; "" is where its user is at home. */
static const char *
path_of(const char *word, const char *id)
{
	const char *path = word + strlen(id) + 1;

	return *path == '\0' ? "." : path;
}

/* A folder between here and one sandbox; CP_NOT_A_FOLDER: it is something
 * else. */
static int
copy_folder(struct cli *cli, const char *from, const char *to)
{
	char id[CLI_WORD_SIZE], other[CLI_WORD_SIZE];
	const bool is_down = is_remote(from, id);

	if (is_down && is_remote(to, other))
		return CP_NOT_A_FOLDER;
	if (is_down)
		return cp_get_folder(cli, id, path_of(from, id), to);
	(void)is_remote(to, id);
	return !cp_is_folder(from) ? CP_NOT_A_FOLDER :
	    cp_put_folder(cli, from, id, path_of(to, id));
}

int
run_cp(struct cli *cli, int argc, char **argv)
{
	bool is_recursive = false, as_root = false;
	const struct option_row rows[] = {
	    {"recursive", 'r', OPTION_FLAG, &is_recursive},
	    {"root", 0, OPTION_FLAG, &as_root},
	};
	char source[OPERAND_SIZE], destination[OPERAND_SIZE];
	char id[CLI_WORD_SIZE];
	struct ssh_login *login;
	struct err err = {0};
	int rest, status;

	argc = options_parse(cli, rows, 2, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage("cp", "%s", err.text);
	if (argc != 3)
		return cli_usage("cp", "name a source and a destination");
	if (!is_remote(argv[1], id) && !is_remote(argv[2], id))
		return cli_usage("cp", "neither side is in a sandbox "
		    "(ID:PATH)");
	cli->shows_progress = !cli->is_json && isatty(STDERR_FILENO);
	status = is_recursive && !as_root ?
	    copy_folder(cli, argv[1], argv[2]) : CP_NOT_A_FOLDER;
	if (status != CP_NOT_A_FOLDER)
		return status;
	if (ssh_login_new(cli, &login, &err) < 0)
		return cli_fail(&err);
	if (operand(login, argv[1], as_root, source, &err) < 0 ||
	    operand(login, argv[2], as_root, destination, &err) < 0) {
		ssh_login_free(login);
		return cli_fail(&err);
	}

	/* -3: between two sandboxes by way of here, for here the key is. */
	const char *const words[] = {"-3", is_recursive ? "-pr" : "-p", "--",
	    source, destination, NULL};

	status = ssh_login_run(login, "scp", words, &err);
	ssh_login_free(login);
	return status;
}
