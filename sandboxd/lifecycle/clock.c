// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/clock.h"

#include <time.h>

static uint64_t
loop_now_ms(const struct clock *clock)
{
	struct timespec now;

	(void)clock;
	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int
on_due(sd_event_source *source, uint64_t usec, void *data)
{
	struct clock_timer *timer = data;

	(void)source;
	(void)usec;
	timer->source = sd_event_source_disable_unref(timer->source);
	timer->due_ms = 0;
	timer->fire(timer->data);
	return 0;
}

static int
loop_arm(struct clock *clock, struct clock_timer *timer)
{
	int r = sd_event_add_time(clock->event, &timer->source,
	    CLOCK_BOOTTIME, timer->due_ms * 1000, 0, on_due, timer);

	return r < 0 ? r : 0;
}

static void
loop_disarm(struct clock *clock, struct clock_timer *timer)
{
	(void)clock;
	timer->source = sd_event_source_disable_unref(timer->source);
}

void
clock_init(struct clock *clock, sd_event *event)
{
	*clock = (struct clock){.now_ms = loop_now_ms, .arm = loop_arm,
	    .disarm = loop_disarm, .event = event};
}

int
clock_arm(struct clock *clock, struct clock_timer *timer, uint64_t after_ms)
{
	int r;

	clock_disarm(clock, timer);
	timer->due_ms = clock->now_ms(clock) + after_ms;
	r = clock->arm(clock, timer);
	if (r < 0)
		timer->due_ms = 0;
	return r;
}

void
clock_disarm(struct clock *clock, struct clock_timer *timer)
{
	if (timer->due_ms == 0)
		return;
	timer->due_ms = 0;
	clock->disarm(clock, timer);
}
