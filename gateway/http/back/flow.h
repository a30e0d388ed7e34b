// SPDX-License-Identifier: Apache-2.0
/*
 * Bytes of a file between here and a program in a sandbox, by a stream socket
 * of their own beside what the two tell each other (inside.h). Both its ends
 * are made here, so that whatever the other side puts in it, or does with its
 * end, nobody here waits for it or for a page of a file of its.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "gateway/http/engine/loop.h"

struct flow {
	struct loop_watch watch; /* fd: our end, which does not block; -1 */
	struct loop *loop;
	bool is_watched;
	/* What was awaited is there. May close it. */
	void (*ready)(struct flow *flow);
};

/* Once, before anything else: it is closed. */
void flow_init(struct flow *flow, struct loop *loop,
    void (*ready)(struct flow *flow));

/* Its other end, the caller's to close, or -errno. It must be closed. */
int flow_open(struct flow *flow);

/* Has ready called once, as soon as there are EPOLLIN or EPOLLOUT, or an end.
 * 0 or -errno. */
int flow_await(struct flow *flow, uint32_t events);

/* Our end, for reading or writing; -1 where it is closed. */
static inline int
flow_fd(const struct flow *flow)
{
	return flow->watch.fd;
}

/* One that is closed stays so. */
void flow_close(struct flow *flow);
