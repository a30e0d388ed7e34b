// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/hold.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>

/* A clock whose hands the test turns. */
static uint64_t now_ms = 1;
static struct clock_timer *armed;
static int arm_result;

static uint64_t
fake_now_ms(const struct clock *clock)
{
	(void)clock;
	return now_ms;
}

static int
fake_arm(struct clock *clock, struct clock_timer *timer)
{
	(void)clock;
	if (arm_result < 0)
		return arm_result;
	timer->next = armed;
	armed = timer;
	return 0;
}

static void
fake_disarm(struct clock *clock, struct clock_timer *timer)
{
	struct clock_timer **at = &armed;

	(void)clock;
	while (*at != timer)
		at = &(*at)->next;
	*at = timer->next;
}

static struct clock fake = {.now_ms = fake_now_ms, .arm = fake_arm,
    .disarm = fake_disarm};

static void
turn(uint64_t ms)
{
	now_ms += ms;
	for (struct clock_timer *timer = armed; timer != NULL;
	    timer = armed) {
		if (timer->due_ms > now_ms)
			return;
		clock_disarm(&fake, timer);
		timer->fire(timer->data);
	}
}

static void
count(void *data)
{
	++*(unsigned *)data;
}

static unsigned n;

static struct hold
make_hold(void)
{
	n = 0;
	return (struct hold){.clock = &fake, .linger_ms = 5000,
	    .abandoned = count, .data = &n, .is_ephemeral = true};
}

/* Abandoned for the whole of the time, never early, and once. */
static void
test_linger(void)
{
	struct hold hold = make_hold();

	hold.n_capabilities = 1;
	assert(hold_review(&hold, true) == 0);
	turn(100000);
	assert(n == 0 && armed == NULL);
	hold.n_capabilities = 0;
	assert(hold_review(&hold, true) == 0);
	turn(4999);
	assert(n == 0);
	/* Asked again, it does not begin anew. */
	assert(hold_review(&hold, true) == 0);
	turn(1);
	assert(n == 1 && armed == NULL);
	hold_fini(&hold);
}

/* Whoever comes in time stops it; it begins anew when they have gone. */
static void
test_return(void)
{
	struct hold hold = make_hold();

	assert(hold_review(&hold, true) == 0);
	turn(4000);
	hold.n_attached = 2;
	assert(hold_review(&hold, true) == 0 && armed == NULL);
	turn(4000);
	hold.n_attached = 1;
	assert(hold_review(&hold, true) == 0 && armed == NULL);
	hold.n_attached = 0;
	assert(hold_review(&hold, true) == 0);
	turn(4999);
	assert(n == 0);
	turn(1);
	assert(n == 1);
	hold_fini(&hold);
}

/* Not while something happens to it. */
static void
test_unrest(void)
{
	struct hold hold = make_hold();

	assert(hold_review(&hold, true) == 0 && armed != NULL);
	assert(hold_review(&hold, false) == 0 && armed == NULL);
	turn(100000);
	assert(n == 0);
	hold_fini(&hold);
}

/* One that is to stay has no clock; one that goes stops its own. */
static void
test_others(void)
{
	struct hold hold = make_hold();

	hold.is_ephemeral = false;
	assert(hold_review(&hold, true) == 0 && armed == NULL);
	hold.is_ephemeral = true;
	assert(hold_review(&hold, true) == 0 && armed != NULL);
	hold_fini(&hold);
	assert(armed == NULL);
	arm_result = -ENOMEM;
	assert(hold_review(&hold, true) == -ENOMEM);
	assert(hold.timer.due_ms == 0);
	hold_fini(&hold);
}

int
main(void)
{
	test_linger();
	test_return();
	test_unrest();
	test_others();
	return 0;
}
