// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/back/flow.h"

#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>

#include "common/fd.h"

/* Of either end's buffer: what is ever under way. */
#define BUFFER_BYTES (512 * 1024)

static void
unwatch(struct flow *flow)
{
	if (flow->is_watched)
		loop_remove(flow->loop, &flow->watch);
	flow->is_watched = false;
}

static void
on_ready(struct loop_watch *watch, uint32_t events)
{
	struct flow *flow = (struct flow *)((char *)watch -
	    offsetof(struct flow, watch));

	(void)events;
	unwatch(flow);
	flow->ready(flow);
}

void
flow_init(struct flow *flow, struct loop *loop,
    void (*ready)(struct flow *flow))
{
	*flow = (struct flow){.watch = {-1, on_ready}, .loop = loop,
	    .ready = ready};
}

int
flow_open(struct flow *flow)
{
	const int size = BUFFER_BYTES;
	int pair[2], r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	(void)setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	(void)setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	fd_refuse_passing(pair[0]);
	r = fd_set_nonblocking(pair[0]);
	if (r < 0) {
		fd_close(&pair[0]);
		fd_close(&pair[1]);
		return r;
	}
	flow->watch.fd = pair[0];
	return pair[1];
}

int
flow_await(struct flow *flow, uint32_t events)
{
	int r;

	if (flow->is_watched)
		return 0;
	r = loop_add(flow->loop, &flow->watch, events);
	flow->is_watched = r == 0;
	return r;
}

void
flow_close(struct flow *flow)
{
	unwatch(flow);
	fd_close(&flow->watch.fd);
}
