// SPDX-License-Identifier: Apache-2.0
#include "gateway/webhook/zygote.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"
#include "gateway/jail/orders.h"
#include "gateway/webhook/dial.h"
#include "gateway/webhook/post.h"

#define LAST_WORDS_S 2 /* for one that is told to end */

struct limits {
	const struct webhook_conf *conf;
	const struct jail_filter *filter;
};

/* The signal's handler has no argument to find it by. */
static int answer_fd = -1;

static void __attribute__((noreturn))
answer(const struct handover_posted *posted)
{
	(void)!write(answer_fd, posted, sizeof *posted);
	_exit(0);
}

static void
on_alarm(int number)
{
	static const struct handover_posted posted = {0,
	    "it took longer than timeout allows"};

	(void)number;
	answer(&posted);
}

/* A signal may be put off by who took this over, so that SIGKILL follows. */
static int
limit_time(unsigned int timeout_s)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
	    .sigev_signo = SIGKILL};
	const struct itimerspec end = {
	    .it_value = {.tv_sec = (time_t)timeout_s + LAST_WORDS_S}};
	timer_t timer;

	if (signal(SIGALRM, on_alarm) == SIG_ERR)
		return -errno;
	(void)alarm(timeout_s);
	return timer_create(CLOCK_BOOTTIME, &event, &timer) < 0 ||
	    timer_settime(timer, 0, &end, NULL) < 0 ? -errno : 0;
}

static void
terminate_strings(struct handover_post *order)
{
	order->url[sizeof order->url - 1] = '\0';
	order->event_id[sizeof order->event_id - 1] = '\0';
	order->event_type[sizeof order->event_type - 1] = '\0';
	order->signature[sizeof order->signature - 1] = '\0';
	order->body[sizeof order->body - 1] = '\0';
}

static void
become_post(const struct orders *orders, const int *fds)
{
	const struct limits *limits = orders->arg;
	struct handover_post *order = orders->order;
	struct handover_posted posted = {0};
	struct webhook_url url;
	struct err err = {0};
	int fd;

	answer_fd = fds[0];
	terminate_strings(order);
	if (limit_time((unsigned int)limits->conf->timeout_s) < 0)
		fatal("timers: %s", strerror(errno));
	if (webhook_url_parse(order->url, &url, &err) < 0 ||
	    (fd = dial(&url, limits->conf, &err)) < 0) {
		snprintf(posted.words, sizeof posted.words, "%.127s",
		    err.text);
		answer(&posted);
	}
	/* From here on a stranger is read, and nothing can be connected. */
	if (jail_filter_load(limits->filter, &err) < 0)
		fatal("%s", err.text);
	post(order, fd, &posted);
	answer(&posted);
}

int
zygote_run(int fd, const struct webhook_conf *conf,
    const struct jail_filter *speaking_filter, struct err *err)
{
	static struct handover_post order;
	const struct limits limits = {conf, speaking_filter};
	const struct orders orders = {.order = &order,
	    .order_size = sizeof order, .n_fds = 1, .become = become_post,
	    .arg = &limits};

	return orders_serve(&orders, fd, err);
}
