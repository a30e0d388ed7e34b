// SPDX-License-Identifier: Apache-2.0
/*
 * The time that sandboxes live by: it goes on while the host sleeps and never
 * back. An interface, so that tests turn the hands themselves.
 */
#pragma once

#include <stdint.h>
#include <systemd/sd-event.h>

/* One alarm; zeroed but for fire and data. Its owner disarms it before it
 * goes away. */
struct clock_timer {
	void (*fire)(void *data);
	void *data;
	uint64_t due_ms; /* of the clock; 0 = not armed */
	sd_event_source *source; /* the loop's clock alone */
	struct clock_timer *next; /* a test's clock alone */
};

struct clock {
	uint64_t (*now_ms)(const struct clock *clock);
	int (*arm)(struct clock *clock, struct clock_timer *timer);
	void (*disarm)(struct clock *clock, struct clock_timer *timer);
	sd_event *event; /* the loop's clock alone; not owned */
};

/* The clock of a loop, by CLOCK_BOOTTIME. */
void clock_init(struct clock *clock, sd_event *event);

/* Has the timer fire once, after_ms from now; one that is armed begins anew.
 * 0 or -errno. */
int clock_arm(struct clock *clock, struct clock_timer *timer,
    uint64_t after_ms);

/* It does not fire any more; no-op where it is not armed. */
void clock_disarm(struct clock *clock, struct clock_timer *timer);
