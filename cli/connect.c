// SPDX-License-Identifier: Apache-2.0
/* sandgate connect: a shell in a sandbox, by the system's ssh. */
#include <stdio.h>

#include "cli/options.h"
#include "cli/ssh.h"

#define WORDS_MAX 256
#define USER_SIZE 128

int
run_connect(struct cli *cli, int argc, char **argv)
{
	bool as_root = false;
	const struct option_row rows[] = {
	    {"root", 0, OPTION_FLAG, &as_root},
	};
	const char *words[WORDS_MAX];
	char user[USER_SIZE];
	struct ssh_login *login;
	struct err err = {0};
	size_t n = 0;
	int rest, status;

	argc = options_parse(cli, rows, 1, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage("connect", "%s", err.text);
	if (rest != 2)
		return cli_usage("connect", "name one sandbox");
	if (ssh_login_new(cli, &login, &err) < 0)
		return cli_fail(&err);
	if (ssh_login_grant(login, argv[1], &err) < 0) {
		ssh_login_free(login);
		return cli_fail(&err);
	}
	snprintf(user, sizeof user, "%s%s", ssh_login_username(login),
	    as_root ? "+root" : "");
	words[n++] = "-l";
	words[n++] = user;
	while (rest < argc && n + 2 < WORDS_MAX)
		words[n++] = argv[rest++];
	words[n++] = ssh_login_host(login);
	words[n] = NULL;
	status = ssh_login_run(login, "ssh", words, &err);
	ssh_login_free(login);
	return status;
}
