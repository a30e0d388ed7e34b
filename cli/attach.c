// SPDX-License-Identifier: Apache-2.0
/*
 * sandgate attach: a process from its beginning or a position on, with what is
 * typed here. A child prints what it writes; this reads, and ends with it.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "cli/options.h"
#include "cli/process.h"
#include "common/fd.h"

#define BLOCK_SIZE 16384

struct attachment {
	const struct cli *cli;
	const char *id, *number;
	pid_t printer;
	int printer_fd;	 /* its pidfd */
	bool is_raw;	 /* what is typed goes to its terminal as it is */
	bool is_reading; /* until the end of what is typed */
	int n_matched;	 /* of "\r~." */
	struct termios before;
};

static volatile sig_atomic_t is_resized, is_told_to_go;

static void
on_signal(int number)
{
	if (number == SIGWINCH)
		is_resized = 1;
	else
		is_told_to_go = 1;
}

/* -1 with words. */
static int
post(const struct attachment *attachment, const char *rest,
    const json_t *body, struct err *err)
{
	char suffix[PROCESS_SUFFIX_SIZE];

	if (process_suffix(attachment->number, rest, suffix, err) < 0)
		return -1;
	return api_call_item(attachment->cli, "POST", "/v1/sandboxes",
	    attachment->id, suffix, body, NULL, err);
}

static void
send_size(const struct attachment *attachment)
{
	auto_json json_t *body = NULL;
	struct winsize size;
	struct err err;

	if (!attachment->is_raw ||
	    ioctl(STDIN_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_row == 0)
		return;
	body = json_pack("{s:i, s:i}", "rows", size.ws_row, "cols",
	    size.ws_col);
	(void)post(attachment, "/resize", body, &err);
}

/* Whether ~. after a new line is in it, as ssh has it. */
static bool
has_escape(struct attachment *attachment, const char *data, size_t size)
{
	for (size_t i = 0; attachment->is_raw && i < size; i++) {
		if (data[i] == '\r')
			attachment->n_matched = 1;
		else if (attachment->n_matched == 1 && data[i] == '~')
			attachment->n_matched = 2;
		else if (attachment->n_matched == 2 && data[i] == '.')
			return true;
		else
			attachment->n_matched = 0;
	}
	return false;
}

/* What is typed; false: one goes away. */
static bool
hand_on(struct attachment *attachment)
{
	char data[BLOCK_SIZE], path[PROCESS_PATH_SIZE];
	ssize_t n = read(STDIN_FILENO, data, sizeof data);
	struct err err = {0};
	int r;

	if (n < 0)
		return errno == EINTR;
	if (n > 0 && has_escape(attachment, data, (size_t)n))
		return false;
	if (n == 0)
		r = post(attachment, "/stdin/close", NULL, &err);
	else if ((r = process_path(attachment->id, attachment->number,
	    "/stdin", path, &err)) == 0)
		r = api_send(attachment->cli, path, data, (size_t)n, &err);
	attachment->is_reading = n > 0 && r == 0;
	if (r < 0 && kill(attachment->printer, 0) == 0 && n > 0)
		(void)cli_fail(&err);
	return true;
}

static int
wait_for_printer(const struct attachment *attachment)
{
	int status;

	while (waitpid(attachment->printer, &status, 0) < 0)
		if (errno != EINTR)
			return CLI_FAILED;
	return WIFEXITED(status) ? WEXITSTATUS(status) : CLI_FAILED;
}

/* Until it has ended, or one goes away. */
static int
serve(struct attachment *attachment)
{
	struct pollfd fds[2] = {{attachment->printer_fd, POLLIN, 0},
	    {STDIN_FILENO, POLLIN, 0}};
	bool stays = true;

	while (stays && !is_told_to_go) {
		fds[1].fd = attachment->is_reading ? STDIN_FILENO : -1;
		if (is_resized) {
			is_resized = 0;
			send_size(attachment);
		}
		if (poll(fds, 2, -1) < 0)
			continue;
		if (fds[0].revents != 0)
			return wait_for_printer(attachment);
		if (fds[1].revents != 0)
			stays = hand_on(attachment);
	}
	(void)kill(attachment->printer, SIGTERM);
	(void)wait_for_printer(attachment);
	return CLI_OK;
}

static void
make_raw(struct attachment *attachment)
{
	struct termios raw;

	if (!attachment->is_raw ||
	    tcgetattr(STDIN_FILENO, &attachment->before) < 0)
		return;
	raw = attachment->before;
	cfmakeraw(&raw);
	(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	fprintf(stderr, "(Enter ~. leaves it)\r\n");
}

static int
attach(struct attachment *attachment, const char *from)
{
	const struct sigaction action = {.sa_handler = on_signal};
	int status;

	attachment->printer = fork();
	if (attachment->printer == 0) {
		status = process_print_output(attachment->cli,
		    attachment->id, attachment->number, from, true);
		fflush(stdout);
		_exit(status);
	}
	attachment->printer_fd = (int)syscall(SYS_pidfd_open,
	    attachment->printer, 0);
	if (attachment->printer < 0 || attachment->printer_fd < 0)
		return CLI_FAILED;
	sigaction(SIGWINCH, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	make_raw(attachment);
	is_resized = 1;
	status = serve(attachment);
	if (attachment->is_raw)
		(void)tcsetattr(STDIN_FILENO, TCSADRAIN,
		    &attachment->before);
	return status;
}

int
run_attach(struct cli *cli, int argc, char **argv)
{
	const char *from = NULL;
	const struct option_row rows[] = {{"from", 0, OPTION_TEXT, &from}};
	struct attachment attachment = {.cli = cli, .is_reading = true,
	    .printer_fd = -1};
	char suffix[PROCESS_SUFFIX_SIZE];
	auto_json json_t *process = NULL;
	struct err err = {0};
	int rest, status;

	argc = options_parse(cli, rows, 1, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage("attach", "%s", err.text);
	if (argc != 3)
		return cli_usage("attach", "name a sandbox and a process");
	attachment.id = argv[1];
	attachment.number = argv[2];
	if (process_suffix(argv[2], "", suffix, &err) < 0 ||
	    api_call_item(cli, "GET", "/v1/sandboxes", argv[1], suffix, NULL,
	    &process, &err) < 0)
		return cli_fail(&err);
	attachment.is_raw = api_is_true(process, "tty") &&
	    isatty(STDIN_FILENO);
	status = attach(&attachment, from);
	fd_close(&attachment.printer_fd);
	return status;
}
