// SPDX-License-Identifier: Apache-2.0
#include "gateway/lobby/zygote.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/log.h"
#include "gateway/lobby/command.h"

#define LAST_WORDS_S 5 /* for a command that is told to end */

/*
 * A signal that says so may be put off by who took the command over: sigreturn
 * and ppoll(2) block what they like. So SIGKILL follows.
 */
static int
limit_time(unsigned int timeout_s)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
	    .sigev_signo = SIGKILL};
	const struct itimerspec end = {
	    .it_value = {.tv_sec = (time_t)timeout_s + LAST_WORDS_S}};
	timer_t timer;

	(void)alarm(timeout_s);
	return timer_create(CLOCK_BOOTTIME, &event, &timer) < 0 ||
	    timer_settime(timer, 0, &end, NULL) < 0 ? -errno : 0;
}

/*
 * The timers are set while they still can be, and cannot be stopped later: the
 * command's filter has none of their calls, nor sigaction(2).
 */
static void __attribute__((noreturn))
become_command(const struct handover_lobby *order, const int *fds,
    unsigned int timeout_s, const struct jail_filter *filter)
{
	struct err err;

	if (signal(SIGALRM, command_time_out) == SIG_ERR ||
	    signal(SIGPIPE, SIG_DFL) == SIG_ERR)
		fatal("signals: %s", strerror(errno));
	if (limit_time(timeout_s) < 0)
		fatal("timers: %s", strerror(errno));
	for (int i = 0; i < 3; i++)
		if (dup2(fds[i], i) < 0)
			fatal("descriptors: %s", strerror(errno));
	for (int i = 0; i < 3; i++)
		(void)close(fds[i]);
	if (jail_filter_load(filter, &err) < 0)
		fatal("%s", err.text);
	command_run(order, fds[3], fds[4]);
}

static bool
is_order(struct handover_lobby *order, ssize_t n, size_t n_fds)
{
	if (n != sizeof *order || n_fds != HANDOVER_LOBBY_FDS)
		return false;
	order->token[sizeof order->token - 1] = '\0';
	order->command[sizeof order->command - 1] = '\0';
	return true;
}

int
zygote_run(int fd, unsigned int timeout_s,
    const struct jail_filter *command_filter, struct err *err)
{
	static struct handover_lobby order;
	int fds[FD_PASS_MAX];
	size_t n_fds;
	ssize_t n;

	/* The kernel reaps: a command says itself how it ended. */
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		n = fd_receive(fd, &order, sizeof order, fds, &n_fds, 0);
		if (n == 0)
			return 0;
		if (n < 0 && n != -EMSGSIZE)
			return err_set(err, (int)-n, "orders: %s",
			    strerror((int)-n));
		if (is_order(&order, n, n_fds)) {
			pid_t pid = fork();

			if (pid == 0) {
				(void)close(fd);
				become_command(&order, fds, timeout_s,
				    command_filter);
			}
			if (pid < 0)
				log_error("fork: %s", strerror(errno));
		} else {
			log_error("an order of %zd bytes, %zu descriptors", n,
			    n_fds);
		}
		for (size_t i = 0; i < n_fds; i++)
			fd_close(&fds[i]);
	}
}
