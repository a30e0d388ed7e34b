// SPDX-License-Identifier: Apache-2.0
#include "gateway/resolver/relay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/log.h"
#include "gateway/resolver/confine.h"
#include "gateway/resolver/relay_of.h"

/* Orders taken before connections have their turn. */
#define BURST 16

/* Ends that could not be told yet, while somebody hears of them. */
static void
watch_orders(struct relay *relay)
{
	if (relay->orders.fd >= 0)
		loop_change(&relay->loop, &relay->orders, EPOLLIN |
		    (LIST_EMPTY(&relay->ended) ? 0 : EPOLLOUT));
}

/* Who is told no more, and has nothing left, is of no use. */
static void
review(struct relay *relay)
{
	if (relay->orders.fd < 0 && LIST_EMPTY(&relay->passes))
		loop_end(&relay->loop);
}

static void
tell_ended(struct relay *relay)
{
	struct pass *pass;

	while ((pass = LIST_FIRST(&relay->ended)) != NULL) {
		const struct relay_end end = {pass->number};

		if (relay->orders.fd >= 0 && fd_send(relay->orders.fd, &end,
		    sizeof end, NULL, 0, MSG_DONTWAIT) == -EAGAIN)
			break;
		LIST_REMOVE(pass, entry);
		free(pass);
	}
	watch_orders(relay);
}

void
relay_ended(struct pass *pass)
{
	struct relay *relay = pass->relay;

	LIST_REMOVE(pass, entry);
	LIST_INSERT_HEAD(&relay->ended, pass, entry);
	tell_ended(relay);
	review(relay);
}

static void
cut(struct relay *relay, uint32_t number)
{
	struct pass *pass;

	LIST_FOREACH(pass, &relay->passes, entry)
		if (pass->number == number) {
			pass_cut(pass);
			return;
		}
}

static bool
take_order(struct relay *relay)
{
	struct relay_order order;
	int fds[FD_PASS_MAX];
	size_t n_fds = 0;
	ssize_t n = fd_receive(relay->orders.fd, &order, sizeof order, fds,
	    &n_fds, MSG_DONTWAIT);

	if (n == -EAGAIN || n == -EINTR)
		return false;
	if (n == sizeof order && order.kind == RELAY_PASS &&
	    n_fds == N_RELAY_FDS) {
		pass_begin(relay, order.number, fds);
		return true;
	}
	for (size_t i = 0; i < n_fds; i++)
		fd_close(&fds[i]);
	if (n == sizeof order && order.kind == RELAY_CUT) {
		cut(relay, order.number);
		return true;
	}
	/* The resolver is gone, or is no resolver. */
	loop_remove(&relay->loop, &relay->orders);
	fd_close(&relay->orders.fd);
	tell_ended(relay);
	review(relay);
	return false;
}

static void
on_orders(struct loop_watch *watch, uint32_t events)
{
	struct relay *relay = (struct relay *)((char *)watch -
	    offsetof(struct relay, orders));

	(void)events;
	tell_ended(relay);
	for (int i = 0; i < BURST && take_order(relay); i++)
		continue;
}

static void
run(const struct paths *paths, const struct resolver_conf *conf, int fd)
{
	static struct relay relay;
	struct err err = {0};

	log_init("gateway-relay", LOG_LEVEL_INFO);
	(void)prctl(PR_SET_NAME, "gateway-relay", 0, 0, 0);
	LIST_INIT(&relay.passes);
	LIST_INIT(&relay.ended);
	relay.orders = (struct loop_watch){fd, on_orders};
	if (loop_init(&relay.loop) < 0 ||
	    loop_add(&relay.loop, &relay.orders, EPOLLIN) < 0)
		fatal("event loop: %s", strerror(errno));
	if (confine_relay(paths, conf, &err) < 0)
		fatal("jail: %s", err.text);
	loop_run(&relay.loop);
}

int
relay_start(const struct paths *paths, const struct resolver_conf *conf,
    const int *fds, int *ret_fd, struct err *err)
{
	int pair[2], r = fd_seqpacket_pair(pair);
	pid_t pid;

	if (r < 0)
		return err_set(err, -r, "socket pair: %s", strerror(-r));
	pid = fork();
	if (pid < 0) {
		r = err_errno(err, "fork");
		fd_close(&pair[0]);
		fd_close(&pair[1]);
		return r;
	}
	if (pid == 0) {
		for (fd_close(&pair[0]); *fds >= 0; fds++)
			(void)close(*fds);
		run(paths, conf, pair[1]);
		_exit(0);
	}
	fd_close(&pair[1]);
	*ret_fd = pair[0];
	return 0;
}
