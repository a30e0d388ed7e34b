// SPDX-License-Identifier: Apache-2.0
#include "gateway/proxy/server.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common/fd.h"
#include "common/log.h"
#include "gateway/proxy/flow.h"

#define ACCEPT_BURST 16
#define FULL_LOOK_MS 100 /* how often it looks whether there is room again */

static bool
has_room(const struct proxy *proxy, const struct sockaddr *address)
{
	const struct flow *flow;
	uint8_t source[ADDRESS_SOURCE_SIZE];
	uint64_t n = 0;

	if (!address_source(address, source))
		return true;
	LIST_FOREACH(flow, &proxy->flows, link)
		n += flow->has_source &&
		    memcmp(flow->source, source, sizeof source) == 0;
	return n < proxy->conf.max_connections_per_address;
}

/* Clients wait in the kernel's queue meanwhile. */
static void
pause_listener(struct proxy *proxy)
{
	if (!proxy->is_full)
		loop_remove(&proxy->loop, &proxy->listener);
	proxy->is_full = true;
	loop_set_timer(&proxy->loop, &proxy->full_timer, FULL_LOOK_MS);
}

static void
on_look(struct loop_timer *timer)
{
	struct proxy *proxy = (struct proxy *)((char *)timer -
	    offsetof(struct proxy, full_timer));

	if (proxy->n_flows >= proxy->conf.max_connections ||
	    loop_add(&proxy->loop, &proxy->listener, EPOLLIN) < 0)
		loop_set_timer(&proxy->loop, timer, FULL_LOOK_MS);
	else
		proxy->is_full = false;
}

static void
on_listener(struct loop_watch *watch, uint32_t events)
{
	struct proxy *proxy = (struct proxy *)((char *)watch -
	    offsetof(struct proxy, listener));

	(void)events;
	for (int i = 0; i < ACCEPT_BURST; i++) {
		union address address = {0};
		socklen_t size = sizeof address;
		int fd;

		if (proxy->n_flows >= proxy->conf.max_connections) {
			pause_listener(proxy);
			return;
		}
		fd = accept4(watch->fd, &address.any, &size,
		    SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0 && (errno == EMFILE || errno == ENFILE ||
		    errno == ENOBUFS || errno == ENOMEM)) {
			log_warn("accept: %s", strerror(errno));
			pause_listener(proxy);
		}
		if (fd < 0)
			return;
		if (has_room(proxy, &address.any))
			(void)flow_new(proxy, fd, &address.any);
		else
			fd_close(&fd);
	}
}

int
server_start(struct proxy *proxy)
{
	proxy->listener = (struct loop_watch){proxy->listen_fd, on_listener};
	proxy->full_timer.due = on_look;
	return loop_add(&proxy->loop, &proxy->listener, EPOLLIN);
}

void
server_stop(struct proxy *proxy)
{
	if (!proxy->is_full)
		loop_remove(&proxy->loop, &proxy->listener);
	loop_stop_timer(&proxy->loop, &proxy->full_timer);
	while (!LIST_EMPTY(&proxy->flows))
		flow_cut(LIST_FIRST(&proxy->flows));
}
