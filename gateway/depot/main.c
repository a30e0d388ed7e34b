// SPDX-License-Identifier: Apache-2.0
/*
 * gateway-depot: keeps disks and artifacts (docs/DISKS.md). Reads its
 * configuration as root and goes to jail, of which the store is the root
 * directory, before it reads a byte of anyone. Its descriptor:
 * gateway/protocol/handover.h. One loop, and threads that wait for the disk in
 * its place (crew.h).
 */
#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
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

/*
 * Asks of every organisation that there is something of whether it still is:
 * one may have gone while we were away.
 */
static struct {
	struct crew_job job;
	struct loop_timer again;
	char next[HANDOVER_DEPOT_NAME_SIZE]; /* the thread's, while it looks */
	char counted[HANDOVER_DEPOT_NAME_SIZE]; /* the last one asked about */
	int result;
} census;

static void
look_next(struct crew_job *job, struct index *index)
{
	struct err err;

	(void)job;
	census.result = index_next_org(index, census.counted, census.next,
	    sizeof census.next, &err);
	if (census.result < 0)
		log_error("%s", err.text);
}

static void
on_next(struct crew_job *job)
{
	int r = census.result;

	(void)job;
	if (r <= 0 || depot.loop.is_ending)
		return;
	r = fd_send(HANDOVER_FD, census.next, strlen(census.next), NULL, 0,
	    MSG_DONTWAIT);
	if (r == 0)
		memcpy(census.counted, census.next, sizeof census.counted);
	loop_set_timer(&depot.loop, &census.again,
	    r == 0 ? 0 : CENSUS_AGAIN_MS);
}

static void
on_census(struct loop_timer *timer)
{
	(void)timer;
	crew_submit(depot.crew, CREW_LOOK, &census.job);
}

/* An organisation that is no more. */
struct forgetting {
	struct crew_job job;
	char org[HANDOVER_DEPOT_NAME_SIZE];
};

static void
run_forget(struct crew_job *job, struct index *index)
{
	const struct forgetting *forgetting = (struct forgetting *)job;
	struct err err;

	if (index_forget(index, forgetting->org, &err) < 0)
		log_error("org=%s: %s", forgetting->org, err.text);
}

static void
on_forgotten(struct crew_job *job)
{
	free(job);
	if (!depot.is_closing)
		depot_sweep(&depot);
}

/* Behind what its holders, who are cut, have had written. */
static void
forget(const struct handover_depot *order)
{
	struct forgetting *forgetting = calloc(1, sizeof *forgetting);

	holders_cut_org(&depot, order->org);
	if (forgetting == NULL) {
		log_error("org=%s: out of memory", order->org);
		return; /* the next gateway-depot asks about it */
	}
	memcpy(forgetting->org, order->org, sizeof forgetting->org);
	forgetting->job = (struct crew_job){.org = forgetting->org,
	    .run = run_forget, .done = on_forgotten};
	crew_submit(depot.crew, CREW_WRITE, &forgetting->job);
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
	census.again.due = on_census;
	census.job = (struct crew_job){.org = "", .run = look_next,
	    .done = on_next};
	loop_set_timer(&depot.loop, &census.again, 0);
	log_info("keeps disks");
	loop_run(&depot.loop);
	while (!LIST_EMPTY(&depot.holders))
		holder_free(LIST_FIRST(&depot.holders));
	loop_stop_timer(&depot.loop, &census.again);
	loop_remove(&depot.loop, &orders);
	depot_close(&depot);
	loop_fini(&depot.loop);
	return 0;
}
