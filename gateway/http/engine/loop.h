// SPDX-License-Identifier: Apache-2.0
/*
 * The one loop of gateway-http: descriptors by epoll, and timers. Events are
 * delivered one a wait, so that whoever handles one may free any other.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

/* Embedded in whatever owns the descriptor. */
struct loop_watch {
	int fd;
	void (*ready)(struct loop_watch *watch, uint32_t events);
	uint32_t events; /* the loop's own: what is watched for */
};

/* Embedded in whatever waits; zeroed, it is not set. */
struct loop_timer {
	TAILQ_ENTRY(loop_timer) link;
	uint64_t due_ms; /* of the monotonic clock; 0 = not set */
	void (*due)(struct loop_timer *timer);
};

struct loop {
	int epoll_fd;
	bool is_ending;
	TAILQ_HEAD(loop_timers, loop_timer) timers; /* the first due first */
};

/* 0 or -errno. */
int loop_init(struct loop *loop);

/* Nothing may be watched any more. */
void loop_fini(struct loop *loop);

/* Watches watch->fd for EPOLL* events; 0 or -errno. */
int loop_add(struct loop *loop, struct loop_watch *watch, uint32_t events);
void loop_change(struct loop *loop, struct loop_watch *watch,
    uint32_t events);

/* Stops watching; the descriptor stays open and the owner's. */
void loop_remove(struct loop *loop, struct loop_watch *watch);

/*
 * Has timer->due called once, in_ms from now; in place of what it was set to.
 * Cheapest where it is due before or after all others.
 */
void loop_set_timer(struct loop *loop, struct loop_timer *timer,
    uint64_t in_ms);
void loop_stop_timer(struct loop *loop, struct loop_timer *timer);

/* Waits, at most for_ms, and delivers what there is. */
void loop_turn(struct loop *loop, uint64_t for_ms);

/* Turns until loop_end was called. */
void loop_run(struct loop *loop);
void loop_end(struct loop *loop);
