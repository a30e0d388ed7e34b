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

static bool
is_full(const struct proxy *proxy)
{
	return proxy->n_flows >= proxy->conf.max_connections ||
	    proxy->links.n >= proxy->conf.max_connections;
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

	if (is_full(proxy) ||
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

		if (is_full(proxy)) {
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
		if (!has_room(proxy, &address.any))
			fd_close(&fd);
		else if (!proxy->has_tls ||
		    tls_link_new(&proxy->links, fd, &fd) == 0)
			(void)flow_new(proxy, fd, &address.any);
	}
}

/* The first certificate is there. */
static void
on_keys(void *arg)
{
	struct proxy *proxy = arg;

	proxy->is_full = true;
	on_look(&proxy->full_timer);
}

int
server_start(struct proxy *proxy)
{
	const struct tls_keys_options keys = {.loop = &proxy->loop,
	    .news_fd = PROXY_NEWS_FD, .on_first = on_keys, .arg = proxy};
	struct err err;

	proxy->listener = (struct loop_watch){proxy->listen_fd, on_listener};
	proxy->full_timer.due = on_look;
	if (!proxy->has_tls)
		return loop_add(&proxy->loop, &proxy->listener, EPOLLIN);
	proxy->is_full = true; /* as long as there is no certificate */
	proxy->links.loop = &proxy->loop;
	LIST_INIT(&proxy->links.all);
	return tls_keys_new(&keys, &proxy->links.keys, &err);
}

void
server_stop(struct proxy *proxy)
{
	if (!proxy->is_full)
		loop_remove(&proxy->loop, &proxy->listener);
	loop_stop_timer(&proxy->loop, &proxy->full_timer);
	while (!LIST_EMPTY(&proxy->flows))
		flow_cut(LIST_FIRST(&proxy->flows));
	if (proxy->has_tls)
		tls_links_cut(&proxy->links);
	tls_keys_free(proxy->links.keys);
}
