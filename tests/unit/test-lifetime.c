// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/lifetime.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define N_MANY	  10000
#define TICK_MS	  250 /* the loop's accuracy */
#define SECOND_MS 1000ull

/* A sandbox whose workers are done at once, on a clock the test turns. */
struct toy {
	struct lifetime lifetime;
	enum sandbox_state state;
	uint64_t ttl_ms, hard_ttl_ms;
	unsigned n_changes;
};

static uint64_t now_ms = SECOND_MS;

static void
step(struct toy *toy, enum machine_event event)
{
	struct machine_step step;

	assert(machine_step(toy->state, event, &step));
	toy->state = step.next;
	if (step.action == ACTION_TAKE_UP || step.action == ACTION_GREET)
		lifetime_begin(&toy->lifetime, now_ms, toy->ttl_ms,
		    toy->hard_ttl_ms);
}

/* An event, and what workers, writers and inits do then. */
static void
happen(struct toy *toy, enum machine_event event)
{
	static const enum machine_event next[] = {EVENT_JOB_DONE, EVENT_READY,
	    EVENT_SAVED, EVENT_DIED};

	step(toy, event);
	for (size_t i = 0; !sandbox_state_is_at_rest(toy->state) &&
	    toy->state != SANDBOX_DESTROYED; i++) {
		struct machine_step row;

		if (machine_step(toy->state, next[i % 4], &row) &&
		    row.next != toy->state)
			step(toy, next[i % 4]);
	}
}

static void
make(struct toy *toy, uint64_t ttl_s, uint64_t hard_ttl_s,
    enum lifetime_expiry on_expiry)
{
	*toy = (struct toy){.state = SANDBOX_CREATING,
	    .ttl_ms = ttl_s * SECOND_MS, .hard_ttl_ms = hard_ttl_s * SECOND_MS,
	    .lifetime = {.on_expiry = on_expiry}};
	happen(toy, EVENT_JOB_DONE);
	assert(toy->state == SANDBOX_RUNNING);
}

/* Does what is due; never before it is. */
static void
look(struct toy *toy)
{
	enum lifetime_deadline which;
	enum machine_event event = lifetime_due(&toy->lifetime, toy->state,
	    now_ms, &which);

	if (event == N_MACHINE_EVENTS)
		return;
	assert(toy->lifetime.due_ms[which] <= now_ms);
	assert(now_ms - toy->lifetime.due_ms[which] <= SECOND_MS);
	toy->lifetime.due_ms[which] = 0;
	toy->n_changes++;
	happen(toy, event);
}

/* Turns the hands to a second, stopping whenever the clock would ring. */
static void
turn_to(struct toy *toy, uint64_t start_ms, uint64_t second)
{
	const uint64_t end_ms = start_ms + second * SECOND_MS;

	for (;;) {
		uint64_t next_ms = lifetime_next_ms(&toy->lifetime,
		    toy->state);

		if (next_ms == 0 || next_ms > end_ms)
			break;
		now_ms = next_ms;
		look(toy);
	}
	now_ms = end_ms;
}

/* The timeline of the seed, second by second. */
static void
test_timeline(void)
{
	const uint64_t start_ms = now_ms;
	struct toy toy;

	make(&toy, 300, 3600, LIFETIME_PAUSE);
	turn_to(&toy, start_ms, 299);
	assert(toy.state == SANDBOX_RUNNING);
	turn_to(&toy, start_ms, 300);
	assert(toy.state == SANDBOX_PAUSED);
	turn_to(&toy, start_ms, 310);
	lifetime_renew(&toy.lifetime, now_ms, toy.ttl_ms, toy.hard_ttl_ms);
	happen(&toy, EVENT_RESUME);
	assert(toy.lifetime.due_ms[LIFETIME_SOFT] == start_ms + 610000);
	assert(toy.lifetime.due_ms[LIFETIME_HARD] == start_ms + 3910000);
	turn_to(&toy, start_ms, 609);
	assert(toy.state == SANDBOX_RUNNING);
	turn_to(&toy, start_ms, 610);
	assert(toy.state == SANDBOX_PAUSED);
	turn_to(&toy, start_ms, 3909);
	assert(toy.state == SANDBOX_PAUSED);
	turn_to(&toy, start_ms, 3910);
	assert(toy.state == SANDBOX_CLEANED);
	assert(toy.n_changes == 3);
	/* Brought back, both count from then. */
	turn_to(&toy, start_ms, 5000);
	happen(&toy, EVENT_ATTACH);
	assert(toy.state == SANDBOX_RUNNING);
	assert(toy.lifetime.due_ms[LIFETIME_SOFT] == start_ms + 5300000);
	assert(toy.lifetime.due_ms[LIFETIME_HARD] == start_ms + 8600000);
}

/* A resume without a refresh: the ttl anew, the hard one as it was; and a
 * pause by hand takes nothing from what is left. */
static void
test_resume(void)
{
	const uint64_t start_ms = now_ms;
	struct toy toy;

	make(&toy, 300, 3600, LIFETIME_PAUSE);
	turn_to(&toy, start_ms, 400);
	happen(&toy, EVENT_RESUME);
	assert(toy.lifetime.due_ms[LIFETIME_SOFT] == start_ms + 700000);
	assert(toy.lifetime.due_ms[LIFETIME_HARD] == start_ms + 3600000);
	turn_to(&toy, start_ms, 500);
	happen(&toy, EVENT_PAUSE);
	turn_to(&toy, start_ms, 600);
	happen(&toy, EVENT_RESUME);
	assert(toy.lifetime.due_ms[LIFETIME_SOFT] == start_ms + 700000);
}

static void
test_expiries(void)
{
	static const struct {
		enum lifetime_expiry expiry;
		const char *name;
		enum sandbox_state state;
	} rows[] = {{LIFETIME_PAUSE, "pause", SANDBOX_PAUSED},
	    {LIFETIME_SUSPEND, "suspend", SANDBOX_SUSPENDED},
	    {LIFETIME_CLEAN, "clean", SANDBOX_CLEANED},
	    {LIFETIME_DESTROY, "destroy", SANDBOX_DESTROYED}};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const uint64_t start_ms = now_ms;
		struct toy toy;

		assert(lifetime_expiry_parse(rows[i].name) ==
		    (int)rows[i].expiry);
		assert(strcmp(lifetime_expiry_name(rows[i].expiry),
		    rows[i].name) == 0);
		make(&toy, 60, 0, rows[i].expiry);
		turn_to(&toy, start_ms, 59);
		assert(toy.state == SANDBOX_RUNNING);
		turn_to(&toy, start_ms, 60);
		assert(toy.state == rows[i].state);
		assert(lifetime_next_ms(&toy.lifetime, toy.state) == 0);
	}
	assert(lifetime_expiry_parse("") == -1);
	assert(lifetime_expiry_parse("stop") == -1);
}

/* Idle is for one that runs, demotion for one that is paused, and nothing for
 * one without any. */
static void
test_states(void)
{
	const uint64_t start_ms = now_ms;
	struct toy toy;

	make(&toy, 0, 0, LIFETIME_PAUSE);
	assert(lifetime_next_ms(&toy.lifetime, toy.state) == 0);
	toy.lifetime.due_ms[LIFETIME_IDLE] = start_ms + 1000;
	toy.lifetime.due_ms[LIFETIME_DEMOTE] = start_ms + 2000;
	assert(lifetime_next_ms(&toy.lifetime, SANDBOX_PAUSED) ==
	    start_ms + 2000);
	assert(lifetime_next_ms(&toy.lifetime, SANDBOX_SUSPENDED) == 0);
	assert(lifetime_next_ms(&toy.lifetime, SANDBOX_RUNNING) ==
	    start_ms + 1000);
	happen(&toy, EVENT_PAUSE);
	turn_to(&toy, start_ms, 1);
	assert(toy.state == SANDBOX_PAUSED);
	turn_to(&toy, start_ms, 2);
	assert(toy.state == SANDBOX_SUSPENDED);
	/* Nothing is due in the middle of something. */
	toy.lifetime.due_ms[LIFETIME_HARD] = now_ms;
	for (unsigned s = 0; s < N_SANDBOX_STATES; s++) {
		enum lifetime_deadline which;
		const bool may_be = s == SANDBOX_RUNNING ||
		    s == SANDBOX_PAUSED || s == SANDBOX_SUSPENDED ||
		    s == SANDBOX_SUSPENDING;

		assert((lifetime_due(&toy.lifetime, (enum sandbox_state)s,
		    now_ms, &which) == EVENT_CLEAN) == may_be);
	}
}

/* The hands jump on: what is over is done once, the hardest first. */
static void
test_jump(void)
{
	const uint64_t start_ms = now_ms;
	enum lifetime_deadline which;
	struct toy toy;

	make(&toy, 60, 120, LIFETIME_PAUSE);
	assert(lifetime_due(&toy.lifetime, toy.state, start_ms + 500000,
	    &which) == EVENT_CLEAN && which == LIFETIME_HARD);
	assert(lifetime_due(&toy.lifetime, toy.state, start_ms + 100000,
	    &which) == EVENT_PAUSE && which == LIFETIME_SOFT);
	assert(lifetime_due(&toy.lifetime, toy.state, start_ms, &which) ==
	    N_MACHINE_EVENTS);
}

/* Many at once, on a clock of the loop's accuracy: look() asserts the rest. */
static void
test_many(void)
{
	const uint64_t start_ms = now_ms;
	struct toy *toys = calloc(N_MANY, sizeof *toys);

	assert(toys != NULL);
	for (unsigned i = 0; i < N_MANY; i++)
		make(&toys[i], 1 + i % 37, 0, LIFETIME_PAUSE);
	for (unsigned tick = 1; tick <= 40 * SECOND_MS / TICK_MS; tick++) {
		now_ms = start_ms + tick * TICK_MS;
		for (unsigned i = 0; i < N_MANY; i++)
			look(&toys[i]);
	}
	for (unsigned i = 0; i < N_MANY; i++)
		assert(toys[i].n_changes == 1 &&
		    toys[i].state == SANDBOX_PAUSED);
	free(toys);
}

int
main(void)
{
	test_timeline();
	test_resume();
	test_expiries();
	test_states();
	test_jump();
	test_many();
	return 0;
}
