// SPDX-License-Identifier: Apache-2.0
/* What a sandbox used: bounded, prolonged while nothing changes, and all of it
 * told however much is thinned out. */
#include "sandboxd/lifecycle/meter_ring.h"

#include <assert.h>

#define STEP_MS 5000u

static void
add(struct meter_ring *ring, uint64_t at_ms, uint64_t life, uint64_t cpu_us)
{
	const struct meter_sample sample = {.at_ms = at_ms, .life = life,
	    .cpu_us = cpu_us};

	assert(meter_ring_add(ring, &sample, NULL) == 0);
}

/* CPU time of all points, and how many there are. */
static uint64_t
sum_us(const struct meter_ring *ring, uint64_t from_ms, uint64_t step_ms,
    unsigned *ret_n)
{
	struct meter_reading reading = {.ring = ring, .from_ms = from_ms,
	    .step_ms = step_ms};
	struct meter_point point;
	uint64_t sum = 0, before_ms = 0;

	*ret_n = 0;
	while (meter_reading_next(&reading, &point) > 0) {
		assert(point.at_ms >= from_ms);
		assert(*ret_n == 0 || point.at_ms > before_ms);
		if (*ret_n > 0)
			sum += point.cpu_millis * (point.at_ms - before_ms);
		before_ms = point.at_ms;
		(*ret_n)++;
	}
	assert(*ret_n <= METER_POINTS_MAX);
	return sum;
}

/* One busy CPU for a day: the newest are a step apart, and all is counted. */
static void
test_much(void)
{
	struct meter_ring ring = {0};
	unsigned n;

	for (uint64_t i = 0; i <= 17280; i++)
		add(&ring, 1 + i * STEP_MS, 1, i * STEP_MS * 1000);
	assert(ring.n <= METER_SAMPLES_MAX && ring.room <= METER_SAMPLES_MAX);
	assert(ring.samples[0].at_ms == 1);
	for (uint32_t i = ring.n - METER_SAMPLES_MAX / 2 + 1; i < ring.n; i++)
		assert(ring.samples[i].at_ms - ring.samples[i - 1].at_ms ==
		    STEP_MS);
	assert(sum_us(&ring, 0, 0, &n) == 17280ULL * STEP_MS * 1000);
	assert(n == ring.n);
	assert(sum_us(&ring, 0, 3600000, &n) == 17280ULL * STEP_MS * 1000);
	assert(n >= 3 && n <= 26);
	meter_ring_fini(&ring);
}

/* What is idle has a beginning and an end, and nothing between. */
static void
test_idle(void)
{
	struct meter_ring ring = {0};
	struct meter_reading reading = {.ring = &ring};
	struct meter_point point;
	unsigned n;

	assert(!meter_ring_prolong(&ring, 1, 10));
	add(&ring, 1000, 1, 0);
	for (uint64_t i = 1; i < 10000; i++)
		assert(meter_ring_prolong(&ring, 1, 1000 + i * STEP_MS));
	assert(ring.n == 1 && ring.room == METER_SAMPLES_MIN);
	assert(!meter_ring_prolong(&ring, 2, 60000000));
	add(&ring, ring.samples[0].until_ms + 1000, 1, 500000);
	assert(meter_reading_next(&reading, &point) == 1);
	assert(point.at_ms == 1000 && point.cpu_millis == 0);
	assert(meter_reading_next(&reading, &point) == 1);
	assert(point.at_ms == 1000 + 9999 * (uint64_t)STEP_MS);
	assert(point.cpu_millis == 0);
	/* Half a CPU since it was seen idle last, not since it began to be. */
	assert(meter_reading_next(&reading, &point) == 1);
	assert(point.cpu_millis == 500);
	assert(meter_reading_next(&reading, &point) == 0);
	assert(sum_us(&ring, 2000, 0, &n) == 500000 && n == 2);
	meter_ring_fini(&ring);
}

/* Counters begin anew with a life. */
static void
test_lives(void)
{
	struct meter_ring ring = {0};
	struct meter_reading reading = {.ring = &ring};
	struct meter_point point;

	add(&ring, 1000, 1, 7000000);
	add(&ring, 2000, 2, 8000000);
	add(&ring, 3000, 2, 8250000);
	assert(meter_reading_next(&reading, &point) == 1);
	assert(meter_reading_next(&reading, &point) == 1);
	assert(point.cpu_millis == 0);
	assert(meter_reading_next(&reading, &point) == 1);
	assert(point.cpu_millis == 250);
	meter_ring_fini(&ring);
}

int
main(void)
{
	test_much();
	test_idle();
	test_lives();
	return 0;
}
