// SPDX-License-Identifier: Apache-2.0
/*
 * The loop's clock with ten thousand timers: none rings early, none a second
 * late, each once; one that is renewed rings at its new time alone; and one
 * more costs no more where there are many.
 */
#include "sandboxd/lifecycle/clock.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define N_FEW	 500
#define N_MANY	 10000
#define SPAN_MS	 600u /* what their times are spread over */
#define LATE_MS	 1000u
#define N_TRIES	 5 /* what else this machine does comes and goes */
#define N_ROUNDS 4 /* of renewals */

struct alarm {
	struct clock_timer timer;
	uint64_t due_ms;
	unsigned n_rung;
};

static sd_event *event;
static struct clock clock_of_loop;
static struct alarm alarms[N_MANY];
static unsigned n_left;
static uint64_t latest_ms; /* of all, how late */

static void
ring(void *data)
{
	struct alarm *alarm = data;
	uint64_t now_ms = clock_of_loop.now_ms(&clock_of_loop);

	assert(now_ms >= alarm->due_ms);
	alarm->n_rung++;
	n_left--;
	if (now_ms - alarm->due_ms > latest_ms)
		latest_ms = now_ms - alarm->due_ms;
}

static void
set(struct alarm *alarm, uint64_t after_ms)
{
	alarm->due_ms = clock_of_loop.now_ms(&clock_of_loop) + after_ms;
	assert(clock_arm(&clock_of_loop, &alarm->timer, after_ms) == 0);
}

static uint64_t
cpu_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* All set, some taken away, and the rest awaited. How late the last was. */
static uint64_t
await_all(void)
{
	latest_ms = 0;
	n_left = N_MANY;
	for (unsigned i = 0; i < N_MANY; i++) {
		alarms[i].n_rung = 0;
		set(&alarms[i], 1 + i * 7919u % SPAN_MS);
	}
	for (unsigned i = 0; i < N_MANY; i += 10) {
		clock_disarm(&clock_of_loop, &alarms[i].timer);
		n_left--;
	}
	/* These would be over by then, had they not been renewed. */
	for (unsigned i = 1; i < N_MANY; i += 10)
		set(&alarms[i], SPAN_MS + i % SPAN_MS);
	while (n_left > 0)
		assert(sd_event_run(event, UINT64_MAX) >= 0);
	for (unsigned i = 0; i < N_MANY; i++)
		assert(alarms[i].n_rung == (i % 10 != 0));
	return latest_ms;
}

/* Of renewing each of so many, in microseconds of CPU time. */
static double
cost_of(unsigned n)
{
	uint64_t before_us;

	for (unsigned i = 0; i < n; i++)
		set(&alarms[i], 3600000 + i * 7919u % 3600000);
	before_us = cpu_us();
	for (unsigned round = 1; round <= N_ROUNDS; round++)
		for (unsigned i = 0; i < n; i++)
			set(&alarms[i], 3600000 + i * 104729u * round %
			    3600000);
	before_us = cpu_us() - before_us;
	for (unsigned i = 0; i < n; i++)
		clock_disarm(&clock_of_loop, &alarms[i].timer);
	return (double)before_us / n / N_ROUNDS;
}

int
main(void)
{
	uint64_t late_ms;
	unsigned try;
	double few = 0, many = 0;

	assert(sd_event_new(&event) >= 0);
	clock_init(&clock_of_loop, event);
	for (unsigned i = 0; i < N_MANY; i++) {
		alarms[i].timer.fire = ring;
		alarms[i].timer.data = &alarms[i];
	}
	for (try = 0; try < N_TRIES; try++) {
		late_ms = await_all();
		printf("%d timers: %llu ms late at most\n", N_MANY,
		    (unsigned long long)late_ms);
		if (late_ms <= LATE_MS)
			break;
	}
	assert(try < N_TRIES);
	/* The timers are a heap: ten more steps at most, and no more caches. */
	for (try = 0; try < N_TRIES; try++) {
		few = cost_of(N_FEW);
		many = cost_of(N_MANY);
		printf("a renewal: %.2f us of %d, %.2f us of %d\n", few,
		    N_FEW, many, N_MANY);
		if (many <= few * 6)
			break;
	}
	assert(try < N_TRIES);
	sd_event_unref(event);
	return 0;
}
