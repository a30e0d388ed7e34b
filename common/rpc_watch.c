// SPDX-License-Identifier: Apache-2.0
#include "common/rpc_watch.h"

#include <string.h>

#include "common/clock.h"

static int
on_io(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct rpc_watch *watch = arg;

	(void)source;
	(void)fd;
	(void)events;
	rpc_client_ready(watch->client);
	return 0;
}

static int
on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
	struct rpc_watch *watch = arg;

	(void)source;
	(void)usec;
	rpc_client_expire(watch->client, clock_monotonic_ms());
	return 0;
}

static void
watch_socket(struct rpc_watch *watch, int fd)
{
	if (fd != watch->fd) {
		watch->io = sd_event_source_disable_unref(watch->io);
		watch->fd = -1;
	}
	if (fd < 0)
		return;
	if (watch->io != NULL)
		(void)sd_event_source_set_io_events(watch->io,
		    rpc_client_events(watch->client));
	else if (sd_event_add_io(watch->event, &watch->io, fd,
	    rpc_client_events(watch->client), on_io, watch) >= 0) {
		(void)sd_event_source_set_priority(watch->io,
		    watch->priority);
		watch->fd = fd;
	}
}

static void
watch_clock(struct rpc_watch *watch)
{
	uint64_t next_ms = rpc_client_next_deadline_ms(watch->client);

	if (next_ms != UINT64_MAX)
		(void)sd_event_source_set_time(watch->timer, next_ms * 1000);
	(void)sd_event_source_set_enabled(watch->timer,
	    next_ms != UINT64_MAX ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

static void
on_changed(void *arg)
{
	struct rpc_watch *watch = arg;

	watch_socket(watch, rpc_client_fd(watch->client));
	watch_clock(watch);
}

int
rpc_watch_init(struct rpc_watch *watch, sd_event *event,
    const struct rpc_client_options *options, struct err *err)
{
	struct rpc_client_options watched = *options;
	int r;

	*watch = (struct rpc_watch){.event = event, .fd = -1};
	watched.changed = on_changed;
	watched.changed_arg = watch;
	r = rpc_client_new(&watched, &watch->client, err);
	if (r < 0)
		return r;
	r = sd_event_add_time(event, &watch->timer, CLOCK_MONOTONIC, 0, 0,
	    on_timer, watch);
	if (r >= 0)
		r = sd_event_source_set_enabled(watch->timer, SD_EVENT_OFF);
	if (r >= 0)
		return 0;
	rpc_watch_fini(watch);
	return err_set(err, -r, "event loop: %s", strerror(-r));
}

void
rpc_watch_fini(struct rpc_watch *watch)
{
	watch->io = sd_event_source_disable_unref(watch->io);
	watch->timer = sd_event_source_disable_unref(watch->timer);
	rpc_client_free(watch->client);
	watch->client = NULL;
}
