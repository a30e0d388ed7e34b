// SPDX-License-Identifier: Apache-2.0
#include "cli/ssh.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/api.h"
#include "cli/ssh_entries.h"
#include "cli/ssh_key.h"
#include "common/fd.h"
#include "common/parse.h"

#define GRANT_TTL_S    300 /* long enough for any login, then worthless */
#define OPTION_SIZE    64
#define HOST_SIZE      256
#define ARGUMENTS_MAX  512

/* What host keys are pinned to, whatever address leads there. */
#define HOST_ALIAS "sandgate"

struct ssh_login {
	struct cli *cli;
	int key_fd, hosts_fd; /* files in memory, which ssh opens in /proc */
	char host[HOST_SIZE];
	unsigned int port;
	char username[CLI_WORD_SIZE]; /* of the last grant */
	char public_key[SSH_KEY_PUBLIC_SIZE];
};

/* Whom the signal handler hands signals to. */
static volatile pid_t running_pid;

/* To the program where one runs: it ends, and so do we. Else there and then. */
static void
on_signal(int number)
{
	if (running_pid <= 0)
		_exit(128 + number);
	(void)kill(running_pid, number);
}

static void
catch_signals(void)
{
	static const int numbers[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};
	struct sigaction action = {.sa_handler = on_signal};

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		sigaction(numbers[i], &action, NULL);
}

/* Waits for pid. Its exit status, or 128 and the signal. */
static int
wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return CLI_FAILED;
	return WIFEXITED(status) ? WEXITSTATUS(status) :
	    128 + WTERMSIG(status);
}

int
ssh_login_new(struct cli *cli, struct ssh_login **ret, struct err *err)
{
	struct ssh_login *login = calloc(1, sizeof *login);
	int r;

	if (login == NULL)
		return err_set(err, ENOMEM, "out of memory");
	login->cli = cli;
	login->hosts_fd = -1;
	catch_signals();
	r = login->key_fd = ssh_key_make(login->public_key, err);
	if (r >= 0)
		r = login->hosts_fd = ssh_key_file("sandgate-hosts", err);
	if (r < 0) {
		ssh_login_free(login);
		return r;
	}
	*ret = login;
	return 0;
}

void
ssh_login_free(struct ssh_login *login)
{
	if (login == NULL)
		return;
	fd_close(&login->key_fd);
	fd_close(&login->hosts_fd);
	free(login);
}

void
ssh_choose_host(const struct cli *cli, const char *host, char *ret,
    size_t size)
{
	bool is_any = *host == '\0' || strcmp(host, "0.0.0.0") == 0 ||
	    strcmp(host, "::") == 0;
	bool is_numeric = strchr(host, ':') != NULL ||
	    host[strspn(host, "0123456789.")] == '\0';

	if (is_any || (cli->socket != NULL && !is_numeric))
		host = "127.0.0.1";
	snprintf(ret, size, "%s", host);
}

static int
write_known_hosts(const struct ssh_login *login, const json_t *keys,
    struct err *err)
{
	int fd = fcntl(login->hosts_fd, F_DUPFD_CLOEXEC, 0);
	FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
	int r;

	if (file == NULL) {
		err_errno(err, "known hosts");
		fd_close(&fd);
		return -err->code;
	}
	r = ftruncate(fd, 0) < 0 || lseek(fd, 0, SEEK_SET) < 0 ?
	    err_errno(err, "known hosts") :
	    ssh_entries_put_known_hosts(file, HOST_ALIAS, keys, err);
	if (fclose(file) != 0 && r == 0)
		r = err_errno(err, "known hosts");
	return r;
}

int
ssh_login_grant(struct ssh_login *login, const char *id, struct err *err)
{
	auto_json json_t *body = json_pack("{s:s, s:i}", "public_key",
	    login->public_key, "ttl_seconds", GRANT_TTL_S);
	auto_json json_t *answer = NULL;
	int r = api_call_item(login->cli, "POST", "/v1/sandboxes", id,
	    "ssh-access", body, &answer, err);

	if (r < 0)
		return r;
	ssh_choose_host(login->cli, api_string(answer, "host"), login->host,
	    sizeof login->host);
	if (login->host[0] == '-')
		return err_set(err, EIO, "the API's host name is malformed");
	login->port = (unsigned int)api_number(answer, "port");
	snprintf(login->username, sizeof login->username, "%s",
	    api_string(answer, "username"));
	if (!sandbox_id_is_valid(login->username))
		return err_set(err, EIO, "the API's user name is malformed");
	return write_known_hosts(login, json_object_get(answer, "host_keys"),
	    err);
}

const char *
ssh_login_username(const struct ssh_login *login)
{
	return login->username;
}

const char *
ssh_login_host(const struct ssh_login *login)
{
	return login->host;
}

struct arguments {
	const char *words[ARGUMENTS_MAX];
	char room[4][OPTION_SIZE]; /* of words made here */
	size_t n, n_room;
};

static void
add_option(struct arguments *arguments, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
add_option(struct arguments *arguments, const char *fmt, ...)
{
	char *text = arguments->room[arguments->n_room++];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, OPTION_SIZE, fmt, ap);
	va_end(ap);
	arguments->words[arguments->n++] = "-o";
	arguments->words[arguments->n++] = text;
}

static int
collect(const struct ssh_login *login, const char *program,
    const char *const *words, struct arguments *arguments, struct err *err)
{
	static const char *const fixed[] = {"-F", "/dev/null",
	    "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none",
	    "-o", "StrictHostKeyChecking=yes", "-o", "CheckHostIP=no",
	    "-o", "UpdateHostKeys=no", "-o", "GlobalKnownHostsFile=/dev/null",
	    "-o", "HostKeyAlias=" HOST_ALIAS,
	    "-o", "PreferredAuthentications=publickey",
	    "-o", "SendEnv=LANG LC_*"};

	arguments->words[arguments->n++] = program;
	for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
		arguments->words[arguments->n++] = fixed[i];
	add_option(arguments, "IdentityFile=/proc/%d/fd/%d", (int)getpid(),
	    login->key_fd);
	add_option(arguments, "UserKnownHostsFile=/proc/%d/fd/%d",
	    (int)getpid(), login->hosts_fd);
	add_option(arguments, "Port=%u", login->port);
	for (; *words != NULL; words++) {
		if (arguments->n + 1 >= ARGUMENTS_MAX)
			return err_set(err, E2BIG, "too many arguments");
		arguments->words[arguments->n++] = *words;
	}
	arguments->words[arguments->n] = NULL;
	return 0;
}

int
ssh_login_run(struct ssh_login *login, const char *program,
    const char *const *words, struct err *err)
{
	auto_free struct arguments *arguments = calloc(1, sizeof *arguments);
	int status;
	pid_t pid;

	if (arguments == NULL) {
		err_set(err, ENOMEM, "out of memory");
		return cli_fail(err);
	}
	if (collect(login, program, words, arguments, err) < 0)
		return cli_fail(err);
	pid = fork();
	if (pid < 0) {
		err_errno(err, "fork");
		return cli_fail(err);
	}
	if (pid == 0) {
		/* Nobody would end it where this is killed. */
		(void)prctl(PR_SET_PDEATHSIG, SIGHUP);
		execvp(program, (char *const *)(uintptr_t)arguments->words);
		fprintf(stderr, "sandgate: %s: %s\n", program,
		    strerror(errno));
		_exit(CLI_FAILED);
	}
	running_pid = pid;
	/* These reach ssh by the terminal; it decides what comes of them. */
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	status = wait_for(pid);
	running_pid = 0;
	return status;
}

char *
ssh_quote(const char *text)
{
	char *quoted = malloc(4 * strlen(text) + 3), *p = quoted;

	if (quoted == NULL)
		return NULL;
	*p++ = '\'';
	for (; *text != '\0'; text++) {
		if (*text == '\'') {
			memcpy(p, "'\\''", 4);
			p += 4;
		} else {
			*p++ = *text;
		}
	}
	*p++ = '\'';
	*p = '\0';
	return quoted;
}

char *
ssh_command_line(int argc, char **argv)
{
	char *line = NULL;
	size_t size = 0;
	FILE *stream;

	if (argc == 1)
		return strdup(argv[0]);
	stream = open_memstream(&line, &size);
	if (stream == NULL)
		return NULL;
	for (int i = 0; i < argc; i++) {
		auto_free char *quoted = ssh_quote(argv[i]);

		fprintf(stream, "%s%s", i > 0 ? " " : "",
		    quoted != NULL ? quoted : "");
	}
	fclose(stream);
	return line;
}
