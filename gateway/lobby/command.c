// SPDX-License-Identifier: Apache-2.0
#include "gateway/lobby/command.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "common/fd.h"
#include "gateway/lobby/words.h"

/* For whom they are called has no argument to find them by. */
static int command_status_fd = -1;
static int command_api_fd = -1;

static void __attribute__((noreturn))
leave(int status)
{
	int wait_status = W_EXITCODE(status, 0);

	(void)fflush(NULL);
	(void)!write(command_status_fd, &wait_status, sizeof wait_status);
	_exit(status);
}

void
command_time_out(int signal_number)
{
	static const char words[] =
	    "sandgate: this took longer than command_timeout allows\n";
	int wait_status = W_EXITCODE(CLI_FAILED, 0);

	(void)signal_number;
	(void)!write(STDERR_FILENO, words, sizeof words - 1);
	(void)!write(command_status_fd, &wait_status, sizeof wait_status);
	_exit(CLI_FAILED);
}

/* The login is over, and with it everything that could be asked for. */
static void __attribute__((noreturn))
leave_without_broker(void)
{
	struct err err = {EPIPE, "the gateway was stopped; connect again"};

	(void)cli_fail(&err);
	leave(CLI_FAILED);
}

/* One more connection to the API, from the broker. */
static int
open_connection(void)
{
	struct handover_connection answer;
	int fds[FD_PASS_MAX], fd = -1;
	size_t n_fds;
	ssize_t n;

	if (fd_send(command_api_fd, "", 1, NULL, 0, 0) < 0)
		leave_without_broker();
	n = fd_receive(command_api_fd, &answer, sizeof answer, fds, &n_fds, 0);
	if (n == 0 || n == -ECONNRESET)
		leave_without_broker();
	if (n == sizeof answer && n_fds == 1 && answer.error == 0)
		fd = take_fd(&fds[0]);
	for (size_t i = 0; n > 0 && i < n_fds; i++)
		fd_close(&fds[i]);
	return fd;
}

static int
run_words(const struct handover_lobby *order, char **words, int n)
{
	struct cli cli = {.is_lobby = true, .token = order->token,
	    .open_connection = open_connection};

	return cli_run(&cli, n, words);
}

/* Runs one line, which it takes apart; `unchanged` where it is empty. */
static int
run_line(const struct handover_lobby *order, char *line, int unchanged)
{
	static char program[] = "sandgate";
	static char *words[WORDS_MAX + 2] = {program};
	struct err err = {0};
	int n;

	if (words_split(line, words + 1, &n, &err) < 0) {
		(void)cli_fail(&err);
		return CLI_USAGE;
	}
	if (n == 0)
		return unchanged;
	return run_words(order, words, n + 1);
}

/* The rest of a line that is too long. */
static void
skip_line(void)
{
	int c;

	while ((c = getchar()) != EOF && c != '\n')
		;
}

/* Each line of standard input that is neither empty nor a comment. */
static int
run_lines(const struct handover_lobby *order)
{
	static char line[HANDOVER_COMMAND_SIZE];
	struct err err = {0};
	int status = CLI_OK;

	while (fgets(line, sizeof line, stdin) != NULL) {
		size_t n = strlen(line);

		if (n == sizeof line - 1 && line[n - 1] != '\n') {
			skip_line();
			err_set(&err, E2BIG, "a line is longer than %zu bytes",
			    sizeof line - 2);
			(void)cli_fail(&err);
			status = CLI_USAGE;
			continue;
		}
		line[strcspn(line, "\r\n")] = '\0';
		if (line[strspn(line, " \t")] != '#')
			status = run_line(order, line, status);
	}
	return status;
}

static ssize_t
write_line_ends(void *cookie, const char *data, size_t size)
{
	int fd = *(const int *)cookie;

	for (size_t i = 0, n; i < size; i += n) {
		bool is_end = data[i] == '\n';

		n = is_end ? 1 : strcspn(data + i, "\n");
		if (n > size - i)
			n = size - i;
		if (fd_write_all(fd, is_end ? "\r\n" : data + i,
		    is_end ? 2 : n) < 0)
			return 0;
	}
	return (ssize_t)size;
}

/* There is no terminal to do it: a client's is in raw mode. */
static FILE *
open_terminal(const int *fd, int buffering)
{
	FILE *file = fopencookie((void *)(uintptr_t)fd, "w",
	    (cookie_io_functions_t){.write = write_line_ends});

	if (file == NULL)
		leave(CLI_FAILED);
	(void)setvbuf(file, NULL, buffering, BUFSIZ);
	return file;
}

static void
use_terminal(void)
{
	static const int output_fd = STDOUT_FILENO, error_fd = STDERR_FILENO;

	stdout = open_terminal(&output_fd, _IOLBF);
	stderr = open_terminal(&error_fd, _IONBF);
}

void
command_run(const struct handover_lobby *order, int status_fd, int api_fd)
{
	static char help[] = "help";
	static char line[HANDOVER_COMMAND_SIZE];

	command_status_fd = status_fd;
	command_api_fd = api_fd;
	if (order->is_terminal)
		use_terminal();
	if (order->is_shell)
		leave(order->is_terminal ? run_line(order, help, CLI_OK) :
		    run_lines(order));
	snprintf(line, sizeof line, "%s", order->command);
	leave(run_line(order, line, CLI_OK));
}
