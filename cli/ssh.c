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
#include <sys/wait.h>
#include <unistd.h>

#include "cli/api.h"
#include "cli/ssh_entries.h"
#include "common/fd.h"
#include "common/parse.h"

#define GRANT_TTL_S    300 /* long enough for any login, then worthless */
#define DIR_SIZE       256
#define FILE_SIZE      (DIR_SIZE + 16)
#define OPTION_SIZE    (FILE_SIZE + 64)
#define HOST_SIZE      256
#define PUBLIC_KEY_MAX 1024
#define ARGUMENTS_MAX  512

/* What host keys are pinned to, whatever address leads there. */
#define HOST_ALIAS "sandgate"

/* Files of the directory; all that is ever in it. */
static const char *const file_names[] = {"key", "key.pub", "known_hosts"};

struct ssh_login {
	struct cli *cli;
	char dir[DIR_SIZE];
	char host[HOST_SIZE];
	unsigned int port;
	char username[CLI_WORD_SIZE]; /* of the last grant */
	char public_key[PUBLIC_KEY_MAX];
};

/* What the signal handler needs: whom to hand signals to, or what to remove. */
static volatile pid_t running_pid;
static struct ssh_login *volatile current_login;

static void
file_path(const struct ssh_login *login, const char *name,
    char ret[FILE_SIZE])
{
	snprintf(ret, FILE_SIZE, "%s/%s", login->dir, name);
}

/* Async-signal-safe but for snprintf, which takes no locks for %s. */
static void
remove_dir(const struct ssh_login *login)
{
	char path[FILE_SIZE];

	if (login->dir[0] == '\0')
		return;
	for (size_t i = 0; i < sizeof file_names / sizeof *file_names; i++) {
		file_path(login, file_names[i], path);
		(void)unlink(path);
	}
	(void)rmdir(login->dir);
}

/* To the program where one runs: it ends, and so do we. Else there and then. */
static void
on_signal(int number)
{
	if (running_pid > 0) {
		(void)kill(running_pid, number);
		return;
	}
	if (current_login != NULL)
		remove_dir(current_login);
	_exit(128 + number);
}

static void
catch_signals(void)
{
	static const int numbers[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};
	struct sigaction action = {.sa_handler = on_signal};

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		sigaction(numbers[i], &action, NULL);
}

static int
make_dir(struct ssh_login *login, struct err *err)
{
	const char *parent = getenv("XDG_RUNTIME_DIR");

	if (parent == NULL || access(parent, W_OK) < 0)
		parent = getenv("TMPDIR");
	if (parent == NULL || access(parent, W_OK) < 0)
		parent = "/tmp";
	if (snprintf(login->dir, sizeof login->dir, "%s/sandgate-XXXXXX",
	    parent) >= (int)sizeof login->dir) {
		login->dir[0] = '\0';
		return err_set(err, ENAMETOOLONG, "%s: path too long", parent);
	}
	/* "%d", "%h" and the like would be expanded by ssh, as would "${". */
	if (strpbrk(login->dir, "%$\"' \t\\") != NULL) {
		login->dir[0] = '\0';
		return err_set(err, EINVAL,
		    "%s: temporary files need a path without blanks, quotes "
		    "and signs", parent);
	}
	if (mkdtemp(login->dir) == NULL) {
		err_errno(err, "%s", login->dir);
		login->dir[0] = '\0';
		return -err->code;
	}
	return 0;
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

static int
make_key(struct ssh_login *login, struct err *err)
{
	char key[FILE_SIZE], public_key[FILE_SIZE];
	auto_close int fd = -1;
	ssize_t n;
	pid_t pid;

	file_path(login, "key", key);
	file_path(login, "key.pub", public_key);
	pid = fork();
	if (pid < 0)
		return err_errno(err, "fork");
	if (pid == 0) {
		execlp("ssh-keygen", "ssh-keygen", "-q", "-t", "ed25519",
		    "-N", "", "-C", "sandgate", "-f", key, (char *)NULL);
		_exit(127);
	}
	if (wait_for(pid) != 0)
		return err_set(err, EIO, "ssh-keygen made no key; is OpenSSH's "
		    "client installed?");
	fd = open(public_key, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "%s", public_key);
	n = read(fd, login->public_key, sizeof login->public_key - 1);
	if (n <= 0)
		return err_errno(err, "%s", public_key);
	login->public_key[n] = '\0';
	login->public_key[strcspn(login->public_key, "\n")] = '\0';
	return 0;
}

int
ssh_login_new(struct cli *cli, struct ssh_login **ret, struct err *err)
{
	struct ssh_login *login = calloc(1, sizeof *login);
	int r;

	if (login == NULL)
		return err_set(err, ENOMEM, "out of memory");
	login->cli = cli;
	current_login = login;
	catch_signals();
	r = make_dir(login, err);
	if (r == 0)
		r = make_key(login, err);
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
	remove_dir(login);
	current_login = NULL;
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
	char path[FILE_SIZE];
	FILE *file;
	int r;

	file_path(login, "known_hosts", path);
	file = fopen(path, "we");
	if (file == NULL)
		return err_errno(err, "%s", path);
	r = ssh_entries_put_known_hosts(file, HOST_ALIAS, keys, err);
	if (fclose(file) != 0 && r == 0)
		r = err_errno(err, "%s", path);
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
	char room[8][OPTION_SIZE]; /* of words made here */
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
	add_option(arguments, "IdentityFile=%s/key", login->dir);
	add_option(arguments, "UserKnownHostsFile=%s/known_hosts", login->dir);
	add_option(arguments, "Port=%u", login->port);
	if (strcmp(program, "ssh") == 0) {
		/* Once ssh is in, neither key nor known_hosts is read again.
		 * scp has no such moment. */
		add_option(arguments, "PermitLocalCommand=yes");
		add_option(arguments, "LocalCommand=rm -rf %s", login->dir);
	}
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
	struct arguments *arguments = calloc(1, sizeof *arguments);
	auto_free void *owned = arguments;
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
		execvp(program, (char *const *)(uintptr_t)arguments->words);
		fprintf(stderr, "sandgate: %s: %s\n", program,
		    strerror(errno));
		_exit(CLI_FAILED);
	}
	running_pid = pid;
	/* These reach ssh by the terminal; it decides what comes of them. */
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	return wait_for(pid);
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
