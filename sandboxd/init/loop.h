// SPDX-License-Identifier: Apache-2.0
/*
 * One epoll set. Events are delivered one a wait, so that whoever handles one
 * may free any watch; epoll itself goes round among those that are ready.
 */
#pragma once

#include <stdint.h>

/* Embedded in whatever owns the descriptor. */
struct watch {
	int fd; /* -1: not watched */
	void (*ready)(struct watch *watch, uint32_t events);
};

struct loop {
	int epoll_fd;
};

/* 0 or -errno. */
int loop_init(struct loop *loop);

/* Watches watch->fd for EPOLL* events; 0 or -errno. */
int loop_add(struct loop *loop, struct watch *watch, uint32_t events);
void loop_change(struct loop *loop, struct watch *watch, uint32_t events);

/* Stops watching; the descriptor stays open and the owner's. */
void loop_remove(struct loop *loop, struct watch *watch);

/* Waits up to timeout_ms (-1: for ever) and delivers at most one event. */
void loop_wait(struct loop *loop, int timeout_ms);

/* Milliseconds of the monotonic clock. */
uint64_t loop_now_ms(void);
