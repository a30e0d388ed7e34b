// SPDX-License-Identifier: Apache-2.0
/*
 * What one sandbox has used, and when: samples of counters, the newer the
 * closer together. One that nothing has changed since is not added but
 * prolonged, so that a sandbox that does nothing has two of them however long
 * it does so; and where there is no room, every second one of the older half
 * goes. Counters only grow within a life, so that what is left tells all that
 * was used, over longer times.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

#define METER_SAMPLES_MAX 240
#define METER_SAMPLES_MIN 8 /* room for them at first */

/* Times are of the clock that sandboxes live by, in milliseconds. */
struct meter_sample {
	uint64_t at_ms, until_ms; /* seen the same last, at_ms or later */
	uint64_t life; /* another number after each start; counters begin
			* with it */
	uint64_t cpu_us; /* user and system */
	uint64_t memory_bytes, cache_bytes, memory_limit_bytes;
	uint64_t disk_bytes, disk_limit_bytes; /* 0: not counted */
	uint64_t received_bytes, sent_bytes;   /* by the sandbox */
	uint32_t cpu_limit_millis, tasks, tasks_limit;
};

/* Zeroed: empty. */
struct meter_ring {
	struct meter_sample *samples; /* owned; the oldest first */
	uint32_t n, room;
};

void meter_ring_fini(struct meter_ring *ring);

/* Adds one, not older than the last; until_ms becomes its at_ms. -ENOMEM. */
int meter_ring_add(struct meter_ring *ring, const struct meter_sample *sample,
    struct err *err);

/* Nothing has changed since the last one, of this life: returns whether there
 * is one. */
bool meter_ring_prolong(struct meter_ring *ring, uint64_t life,
    uint64_t now_ms);

/* What is told of a time: a sample, and what share of a CPU was used on average
 * since the one told before it, in thousandths. */
struct meter_point {
	const struct meter_sample *sample;
	uint64_t at_ms;
	uint32_t cpu_millis;
};

/* Where a reading is; zeroed but for the first three. */
struct meter_reading {
	const struct meter_ring *ring;
	uint64_t from_ms; /* those of it and later */
	uint64_t step_ms; /* no two closer together; but the last is told */
	uint32_t next;
	bool is_end_next; /* of the one before `next`: its until_ms */
	const struct meter_sample *before; /* told last, or passed over */
	uint64_t before_ms;
	uint64_t told_ms; /* 0: nothing yet */
};

/* Most points that a reading has. */
#define METER_POINTS_MAX (2 * METER_SAMPLES_MAX)

/* The next point, the oldest first: 1, or 0 where there is none. */
int meter_reading_next(struct meter_reading *reading,
    struct meter_point *ret);
