// SPDX-License-Identifier: Apache-2.0
#include "gateway/lobby/zygote.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"
#include "gateway/jail/orders.h"
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

/* How long a command may take, and what it may call. */
struct limits {
	unsigned int timeout_s;
	const struct jail_filter *filter;
};

/*
 * The timers are set while they still can be, and cannot be stopped later: the
 * command's filter has none of their calls, nor sigaction(2).
 */
static void
become_command(const struct orders *orders, const int *fds)
{
	const struct limits *limits = orders->arg;
	struct handover_lobby *order = orders->order;
	struct err err;

	order->token[sizeof order->token - 1] = '\0';
	order->command[sizeof order->command - 1] = '\0';
	if (signal(SIGALRM, command_time_out) == SIG_ERR ||
	    signal(SIGPIPE, SIG_DFL) == SIG_ERR)
		fatal("signals: %s", strerror(errno));
	if (limit_time(limits->timeout_s) < 0)
		fatal("timers: %s", strerror(errno));
	for (int i = 0; i < 3; i++)
		if (dup2(fds[i], i) < 0)
			fatal("descriptors: %s", strerror(errno));
	for (int i = 0; i < 3; i++)
		(void)close(fds[i]);
	if (jail_filter_load(limits->filter, &err) < 0)
		fatal("%s", err.text);
	command_run(order, fds[3], fds[4]);
}

int
zygote_run(int fd, unsigned int timeout_s,
    const struct jail_filter *command_filter, struct err *err)
{
	static struct handover_lobby order;
	const struct limits limits = {timeout_s, command_filter};
	const struct orders orders = {.order = &order,
	    .order_size = sizeof order, .n_fds = HANDOVER_LOBBY_FDS,
	    .become = become_command, .arg = &limits};

	return orders_serve(&orders, fd, err);
}
