// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/engine/loop.h"

#include <errno.h>
#include <limits.h>
#include <sys/epoll.h>

#include "common/clock.h"
#include "common/fd.h"

int
loop_init(struct loop *loop)
{
	*loop = (struct loop){.epoll_fd = epoll_create1(EPOLL_CLOEXEC)};
	TAILQ_INIT(&loop->timers);
	return loop->epoll_fd < 0 ? -errno : 0;
}

void
loop_fini(struct loop *loop)
{
	fd_close(&loop->epoll_fd);
}

int
loop_add(struct loop *loop, struct loop_watch *watch, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = watch};

	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, watch->fd, &event) < 0)
		return -errno;
	watch->events = events;
	return 0;
}

void
loop_change(struct loop *loop, struct loop_watch *watch, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = watch};

	/* Whoever asks does so at every turn. */
	if (watch->events == events)
		return;
	watch->events = events;
	(void)epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, watch->fd, &event);
}

void
loop_remove(struct loop *loop, struct loop_watch *watch)
{
	(void)epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
}

void
loop_set_timer(struct loop *loop, struct loop_timer *timer, uint64_t in_ms)
{
	struct loop_timer *before;

	loop_stop_timer(loop, timer);
	timer->due_ms = clock_monotonic_ms() + in_ms;
	before = TAILQ_FIRST(&loop->timers);
	if (before == NULL || before->due_ms > timer->due_ms) {
		TAILQ_INSERT_HEAD(&loop->timers, timer, link);
		return;
	}
	before = TAILQ_LAST(&loop->timers, loop_timers);
	while (before->due_ms > timer->due_ms)
		before = TAILQ_PREV(before, loop_timers, link);
	TAILQ_INSERT_AFTER(&loop->timers, before, timer, link);
}

void
loop_stop_timer(struct loop *loop, struct loop_timer *timer)
{
	if (timer->due_ms == 0)
		return;
	TAILQ_REMOVE(&loop->timers, timer, link);
	timer->due_ms = 0;
}

/* How long to wait for descriptors: until the first timer, at most for_ms. */
static int
find_wait(const struct loop *loop, uint64_t for_ms)
{
	const struct loop_timer *first = TAILQ_FIRST(&loop->timers);
	uint64_t now_ms, left_ms = for_ms;

	if (first != NULL) {
		now_ms = clock_monotonic_ms();
		if (first->due_ms <= now_ms)
			return 0;
		if (first->due_ms - now_ms < left_ms)
			left_ms = first->due_ms - now_ms;
	}
	if (left_ms == UINT64_MAX)
		return -1;
	return left_ms < INT_MAX ? (int)left_ms : INT_MAX;
}

void
loop_turn(struct loop *loop, uint64_t for_ms)
{
	struct loop_timer *timer;
	struct loop_watch *watch;
	struct epoll_event event;

	if (epoll_wait(loop->epoll_fd, &event, 1, find_wait(loop, for_ms)) ==
	    1) {
		watch = event.data.ptr;
		watch->ready(watch, event.events);
	}
	/* One of them, too: it may be set anew, and the others freed. */
	timer = TAILQ_FIRST(&loop->timers);
	if (timer != NULL && timer->due_ms <= clock_monotonic_ms()) {
		loop_stop_timer(loop, timer);
		timer->due(timer);
	}
}

void
loop_run(struct loop *loop)
{
	while (!loop->is_ending)
		loop_turn(loop, UINT64_MAX);
}

void
loop_end(struct loop *loop)
{
	loop->is_ending = true;
}
