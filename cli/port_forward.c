// SPDX-License-Identifier: Apache-2.0
/* sandgate port-forward: ports here that lead to ports of a sandbox. */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/options.h"
#include "cli/ssh.h"
#include "common/fd.h"
#include "common/parse.h"

#define FORWARDS_MAX 16
#define ADDRESS_SIZE 64
#define TEXT_SIZE    160
#define TOLD_SIZE    (FORWARDS_MAX * TEXT_SIZE)

struct forward {
	char address[ADDRESS_SIZE]; /* to listen at, with [] where it has : */
	unsigned int local, remote;
	char option[TEXT_SIZE]; /* of ssh's -L */
};

static int
read_port(const char *text, size_t n, unsigned int min, unsigned int *ret,
    struct err *err)
{
	char digits[16];
	uint64_t value;

	snprintf(digits, sizeof digits, "%.*s", (int)n, text);
	if (n >= sizeof digits || parse_u64(digits, &value) < 0 ||
	    value < min || value > 65535)
		return err_set(err, EINVAL, "\"%.40s\": a port is from %u to "
		    "65535", text, min);
	*ret = (unsigned int)value;
	return 0;
}

/* A port of this host that nobody has, for a moment at least. */
static int
find_free(struct forward *forward, struct err *err)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t n = sizeof address;
	auto_close int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, n) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &n) < 0)
		return err_errno(err, "no free port");
	forward->local = ntohs(address.sin_port);
	return 0;
}

/* [ADDRESS:][LOCAL:]REMOTE; LOCAL 0 or nothing before ":" is a free one. */
static int
read_forward(const char *word, struct forward *ret, struct err *err)
{
	const char *remote = strrchr(word, ':');
	const char *local = word, *colon = remote;
	int n;

	if (remote == NULL)
		remote = word - 1;
	if (read_port(remote + 1, strlen(remote + 1), 1, &ret->remote,
	    err) < 0)
		return -EINVAL;
	snprintf(ret->address, sizeof ret->address, "127.0.0.1");
	ret->local = ret->remote;
	if (colon != NULL) {
		local = memrchr(word, ':', (size_t)(colon - word));
		local = local != NULL ? local + 1 : word;
		ret->local = 0;
		if (local != colon && read_port(local,
		    (size_t)(colon - local), 0, &ret->local, err) < 0)
			return -EINVAL;
	}
	if (local != word) {
		n = snprintf(ret->address, sizeof ret->address, "%.*s",
		    (int)(local - 1 - word), word);
		if (n >= (int)sizeof ret->address || n == 0 || ret->address[
		    strspn(ret->address, "0123456789abcdefABCDEF.:[]*")] !=
		    '\0')
			return err_set(err, EINVAL, "\"%.40s\": not an "
			    "address to listen at, such as 127.0.0.1 or [::1]",
			    word);
	}
	if (ret->local == 0 && find_free(ret, err) < 0)
		return -err->code;
	snprintf(ret->option, sizeof ret->option, "%s:%u:127.0.0.1:%u",
	    ret->address, ret->local, ret->remote);
	return 0;
}

/* What ssh has the shell print once it listens: digits, dots and brackets, and
 * an id; nothing that a shell would take for more. */
static void
tell(const struct cli *cli, const char *id, const struct forward *forwards,
    size_t n, char ret[TOLD_SIZE])
{
	size_t used = (size_t)snprintf(ret, TOLD_SIZE, "LocalCommand=printf "
	    "'%%%%s\\n'");

	for (size_t i = 0; i < n; i++)
		used += (size_t)snprintf(ret + used, TOLD_SIZE - used,
		    cli->is_json ? " '{\"address\":\"%s\",\"port\":%u,"
		    "\"sandbox\":\"%s\",\"remote\":%u}'" :
		    " '%s:%u -> %s:%u'", forwards[i].address,
		    forwards[i].local, id, forwards[i].remote);
}

static int
forward_all(struct cli *cli, const char *id, const struct forward *forwards,
    size_t n)
{
	const char *words[2 * FORWARDS_MAX + 20];
	char told[TOLD_SIZE];
	struct ssh_login *login;
	struct err err = {0};
	size_t at = 0;
	int status;

	if (ssh_login_new(cli, &login, &err) < 0)
		return cli_fail(&err);
	if (ssh_login_grant(login, id, &err) < 0) {
		ssh_login_free(login);
		return cli_fail(&err);
	}
	tell(cli, ssh_login_username(login), forwards, n, told);
	for (size_t i = 0; i < n; i++) {
		words[at++] = "-L";
		words[at++] = forwards[i].option;
	}
	words[at++] = "-N";
	words[at++] = "-T";
	words[at++] = "-o";
	words[at++] = "LogLevel=ERROR";
	words[at++] = "-o";
	words[at++] = "ExitOnForwardFailure=yes";
	words[at++] = "-o";
	words[at++] = "ServerAliveInterval=30";
	words[at++] = "-o";
	words[at++] = "PermitLocalCommand=yes";
	words[at++] = "-o";
	words[at++] = told;
	words[at++] = "-l";
	words[at++] = ssh_login_username(login);
	words[at++] = ssh_login_host(login);
	words[at] = NULL;
	status = ssh_login_run(login, "ssh", words, &err);
	ssh_login_free(login);
	/* To be told to end is how it ends. */
	return status == 128 + SIGINT || status == 128 + SIGTERM ||
	    status == 128 + SIGHUP ? CLI_OK : status;
}

int
run_port_forward(struct cli *cli, int argc, char **argv)
{
	struct forward forwards[FORWARDS_MAX];
	struct err err = {0};
	int rest;

	argc = options_parse(cli, NULL, 0, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage("port-forward", "%s", err.text);
	if (argc < 3)
		return cli_usage("port-forward", "name one sandbox, and its "
		    "ports");
	if (argc - 2 > FORWARDS_MAX)
		return cli_usage("port-forward", "at most %d ports",
		    FORWARDS_MAX);
	for (int i = 2; i < argc; i++)
		if (read_forward(argv[i], &forwards[i - 2], &err) < 0)
			return cli_usage("port-forward", "%s", err.text);
	return forward_all(cli, argv[1], forwards, (size_t)argc - 2);
}
