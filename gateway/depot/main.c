// SPDX-License-Identifier: Apache-2.0
/*
 * gateway-depot: keeps disks and artifacts (docs/DISKS.md). Reads its
 * configuration as root and goes to jail, of which the store is the root
 * directory, before it reads a byte of anyone. Its descriptor:
 * gateway/protocol/handover.h. One thread, one loop.
 */
#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/log.h"
#include "gateway/depot/confine.h"
#include "gateway/depot/holder.h"

#define CENSUS_AGAIN_MS 200

static struct depot depot;
static struct loop_timer census;
static char counted[HANDOVER_DEPOT_NAME_SIZE]; /* the last one asked about */

/* Asks of every organisation that there is something of whether it still is:
 * one may have gone while we were away. */
static void
on_census(struct loop_timer *timer)
{
	char next[HANDOVER_DEPOT_NAME_SIZE];
	struct err err;
	int r = index_next_org(depot.index, counted, next, sizeof next, &err);

	if (r <= 0)
		return;
	r = fd_send(HANDOVER_FD, next, strlen(next), NULL, 0, MSG_DONTWAIT);
	if (r == 0)
		memcpy(counted, next, sizeof counted);
	loop_set_timer(&depot.loop, timer, r == 0 ? 0 : CENSUS_AGAIN_MS);
}

static void
forget(const struct handover_depot *order)
{
	struct err err;

	holders_cut_org(&depot, order->org);
	if (index_forget(depot.index, order->org, &err) < 0)
		log_error("org=%s: %s", order->org, err.text);
	depot_sweep(&depot);
}

static void
follow(const struct handover_depot *order, int *fd)
{
	struct err err;

	if (order->kind == HANDOVER_DEPOT_CUT)
		holders_cut(&depot, order->number);
	else if (order->kind == HANDOVER_DEPOT_FORGET)
		forget(order);
	else if (order->kind == HANDOVER_DEPOT_OPEN && *fd >= 0 &&
	    holder_new(&depot, order, take_fd(fd), &err) < 0)
		log_error("%s", err.text);
}

static void
on_order(struct loop_watch *watch, uint32_t events)
{
	struct handover_depot order;
	int fds[FD_PASS_MAX];
	size_t n_fds = 0;
	ssize_t n = fd_receive(watch->fd, &order, sizeof order, fds, &n_fds,
	    MSG_DONTWAIT);

	(void)events;
	if (n == -EAGAIN || n == -EINTR)
		return;
	if (n == sizeof order) {
		order.org[sizeof order.org - 1] = '\0';
		order.owner[sizeof order.owner - 1] = '\0';
		follow(&order, &fds[0]);
	}
	for (size_t i = 0; i < n_fds; i++)
		fd_close(&fds[i]);
	if (n != sizeof order) /* its end, or nothing that we know */
		loop_end(&depot.loop);
}

int
main(int argc, char **argv)
{
	static struct gateway_conf conf;
	struct loop_watch orders = {HANDOVER_FD, on_order};
	const char *conf_path;
	struct err err = {0};

	log_init("gateway-depot", LOG_LEVEL_INFO);
	conf_path = paths_of_arguments(argc, argv, "gateway-depot");
	if (gateway_conf_read(conf_path, &conf, &err) < 0)
		fatal("%s", err.text);
	signal(SIGPIPE, SIG_IGN);
	if (sodium_init() < 0)
		fatal("sodium_init failed");
	if (loop_init(&depot.loop) < 0)
		fatal("event loop: %s", strerror(errno));
	if (confine_depot(&conf, &err) < 0)
		fatal("jail: %s", err.text);
	if (depot_open(&depot, "/", conf.artifacts_min_free_bytes, &err) < 0)
		fatal("%s", err.text);
	if (loop_add(&depot.loop, &orders, EPOLLIN) < 0)
		fatal("event loop: %s", strerror(errno));
	census.due = on_census;
	loop_set_timer(&depot.loop, &census, 0);
	log_info("keeps disks");
	loop_run(&depot.loop);
	while (!LIST_EMPTY(&depot.holders))
		holder_free(LIST_FIRST(&depot.holders));
	loop_stop_timer(&depot.loop, &census);
	loop_remove(&depot.loop, &orders);
	depot_close(&depot);
	loop_fini(&depot.loop);
	return 0;
}
