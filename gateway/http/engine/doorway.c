// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/engine/doorway.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "common/address.h"
#include "common/fd.h"
#include "common/log.h"
#include "gateway/tls/link.h"

#define ACCEPT_BURST 16
#define FULL_LOOK_MS 100 /* how often it looks whether there is room again */

struct doorway {
	struct doorway_options options;
	struct tls_links links;
	struct loop_watch listener;
	bool is_watched;
	struct loop_timer full_timer;
};

static void
unwatch(struct doorway *doorway)
{
	if (doorway->is_watched)
		loop_remove(doorway->options.loop, &doorway->listener);
	doorway->is_watched = false;
}

static void
wait_for_room(struct doorway *doorway)
{
	unwatch(doorway);
	loop_set_timer(doorway->options.loop, &doorway->full_timer,
	    FULL_LOOK_MS);
}

static void
open_up(void *arg)
{
	struct doorway *doorway = arg;

	if (doorway->links.n >= doorway->options.max_connections ||
	    loop_add(doorway->options.loop, &doorway->listener, EPOLLIN) < 0)
		wait_for_room(doorway);
	else
		doorway->is_watched = true;
}

static void
on_look(struct loop_timer *timer)
{
	open_up((struct doorway *)((char *)timer -
	    offsetof(struct doorway, full_timer)));
}

/* Whoever comes next. Whether there may be others. */
static bool
take_one(struct doorway *doorway)
{
	const struct doorway_options *options = &doorway->options;
	union address address = {0};
	socklen_t size = sizeof address;
	int fd, plain_fd;

	if (doorway->links.n >= options->max_connections) {
		wait_for_room(doorway);
		return false;
	}
	fd = accept4(doorway->listener.fd, &address.any, &size,
	    SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0 && (errno == EMFILE || errno == ENFILE ||
	    errno == ENOBUFS || errno == ENOMEM)) {
		log_warn("accept: %s", strerror(errno));
		wait_for_room(doorway);
	}
	if (fd < 0)
		return errno == ECONNABORTED || errno == EINTR;
	if (!options->admit(options->arg, &address.any))
		fd_close(&fd);
	else if (tls_link_new(&doorway->links, fd, &plain_fd) == 0)
		options->enter(options->arg, plain_fd, &address.any, size);
	return true;
}

static void
on_listener(struct loop_watch *watch, uint32_t events)
{
	struct doorway *doorway = (struct doorway *)((char *)watch -
	    offsetof(struct doorway, listener));

	(void)events;
	for (int i = 0; i < ACCEPT_BURST; i++)
		if (!take_one(doorway))
			return;
}

int
doorway_new(const struct doorway_options *options, struct doorway **ret,
    struct err *err)
{
	struct doorway *doorway = calloc(1, sizeof *doorway);
	int listen_fd = options->listen_fd, r;

	if (doorway == NULL) {
		fd_close(&listen_fd);
		return err_set(err, ENOMEM, "out of memory");
	}
	doorway->options = *options;
	doorway->listener = (struct loop_watch){listen_fd, on_listener};
	doorway->full_timer.due = on_look;
	doorway->links.loop = options->loop;
	LIST_INIT(&doorway->links.all);
	r = fd_set_nonblocking(listen_fd);
	if (r < 0)
		r = err_set(err, -r, "listener: %s", strerror(-r));
	if (r == 0) {
		const struct tls_keys_options keys = {.loop = options->loop,
		    .news_fd = options->news_fd, .on_first = open_up,
		    .arg = doorway};

		r = tls_keys_new(&keys, &doorway->links.keys, err);
	}
	if (r < 0) {
		doorway_free(doorway);
		return r;
	}
	*ret = doorway;
	return 0;
}

void
doorway_shut(struct doorway *doorway)
{
	loop_stop_timer(doorway->options.loop, &doorway->full_timer);
	unwatch(doorway);
	fd_close(&doorway->listener.fd);
}

void
doorway_free(struct doorway *doorway)
{
	if (doorway == NULL)
		return;
	doorway_shut(doorway);
	tls_links_cut(&doorway->links);
	tls_keys_free(doorway->links.keys);
	free(doorway);
}
