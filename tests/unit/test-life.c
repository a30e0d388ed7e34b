// SPDX-License-Identifier: Apache-2.0
/*
 * The life of a sandbox as a person reads it, held against the machine's table:
 * what is so in each state, and the rules of what follows from that. Nothing of
 * it is taken from the table; test-machine.c has that a second time, to show
 * what a change changes. States and events from PAUSING and PAUSE on are not
 * told of here.
 */
#include <assert.h>
#include <stdbool.h>
#include <stdio.h>

#include "sandboxd/lifecycle/machine.h"

#define N_STATES (SANDBOX_DESTROYED + 1)

/* What is so in a state. */
enum facts {
	WORKER = 1 << 0,  /* a worker has it: its end is to come */
	AWAITED = 1 << 1, /* init has been told to set up, and may answer */
	NEW = 1 << 2,	  /* it never ran; the first row is not yet promised */
	DISK = 1 << 3,	  /* there is a disk to come back on */
	GOING = 1 << 4,	  /* nobody is let in, and nothing stops its end */
	FOUND = 1 << 5,	  /* a sandboxd that starts may find it so */
};

static const unsigned facts[N_STATES] = {
    [SANDBOX_CREATING] = NEW | WORKER | FOUND,
    [SANDBOX_SETTING_UP] = NEW | AWAITED,
    [SANDBOX_RUNNING] = DISK | FOUND,
    [SANDBOX_ADOPTING] = DISK | AWAITED,
    [SANDBOX_SUSPENDED] = DISK | FOUND,
    [SANDBOX_STARTING] = DISK | WORKER,
    [SANDBOX_WAKING] = DISK | AWAITED,
    [SANDBOX_WOKEN] = DISK | AWAITED, /* to stay, until its row is there */
    [SANDBOX_STOPPING] = DISK | WORKER,
    [SANDBOX_FAILED] = GOING | FOUND,
    [SANDBOX_DOOMED] = GOING | WORKER,
    [SANDBOX_CONDEMNED] = GOING ,
    [SANDBOX_DESTROYING] = GOING | WORKER | FOUND,
    [SANDBOX_STUCK] = 0,
    [SANDBOX_BURYING] = GOING ,
    [SANDBOX_DESTROYED] = 0,
};

static const struct machine_step refused = {N_SANDBOX_STATES,
    N_MACHINE_ACTIONS};

static struct machine_step
to(enum sandbox_state next, enum machine_action action)
{
	return (struct machine_step){next, action};
}

static struct machine_step
stays(enum sandbox_state state)
{
	return to(state, ACTION_NOTHING);
}

/* A destroy is never turned away. What a worker has is left to it first; what
 * goes already goes on; what got stuck begins anew. */
static struct machine_step
on_destroy(enum sandbox_state state)
{
	if (state == SANDBOX_DESTROYED)
		return refused;
	if (facts[state] & GOING)
		return stays(state);
	return to(facts[state] & WORKER ? SANDBOX_DOOMED : SANDBOX_CONDEMNED,
	    ACTION_CONDEMN);
}

/* A worker's end, where one was at work. */
static struct machine_step
on_job(enum sandbox_state state, bool went_well)
{
	switch (state) {
	case SANDBOX_CREATING:
		return went_well ? to(SANDBOX_SETTING_UP, ACTION_TAKE_UP) :
		    to(SANDBOX_FAILED, ACTION_CONDEMN);
	case SANDBOX_STARTING: /* its disk is worth another try */
		return went_well ? to(SANDBOX_WAKING, ACTION_TAKE_UP) :
		    to(SANDBOX_STOPPING, ACTION_GIVE_UP);
	case SANDBOX_STOPPING: /* what is left over does no harm */
		return to(SANDBOX_SUSPENDED, ACTION_REST);
	case SANDBOX_DOOMED: /* whatever came of it */
		return to(SANDBOX_CONDEMNED, ACTION_CONDEMN);
	case SANDBOX_DESTROYING:
		return went_well ? to(SANDBOX_BURYING, ACTION_BURY) :
		    to(SANDBOX_STUCK, ACTION_BALK);
	default:
		return refused;
	}
}

/* An init that is not there, or as good as not: a sandbox that never ran has
 * failed, any other keeps its disk, and who waits for it is told. */
static struct machine_step
on_no_init(enum sandbox_state state, bool is_dead)
{
	if (facts[state] & AWAITED)
		return facts[state] & NEW ?
		    to(SANDBOX_FAILED, ACTION_CONDEMN) :
		    to(SANDBOX_STOPPING, ACTION_GIVE_UP);
	if (state != SANDBOX_RUNNING)
		return refused;
	/* Set up once, it needs no connection to us. */
	return is_dead ? to(SANDBOX_STOPPING, ACTION_STOP) :
	    to(SANDBOX_RUNNING, ACTION_LOSE);
}

/* A row is on the disk, or cannot be. Nobody is promised what is not. */
static struct machine_step
on_row(enum sandbox_state state, bool is_saved)
{
	switch (state) {
	case SANDBOX_RUNNING:
		return to(state, is_saved ? ACTION_ADMIT : ACTION_RENEGE);
	case SANDBOX_FAILED: /* it goes at the next start if not now */
		return to(SANDBOX_DESTROYING, ACTION_REMOVE);
	case SANDBOX_CONDEMNED: /* a disk goes once its row says so */
		return is_saved ? to(SANDBOX_DESTROYING, ACTION_REMOVE) :
		    to(SANDBOX_STUCK, ACTION_BALK);
	case SANDBOX_BURYING: /* its slot is free once its row is gone */
		return is_saved ? to(SANDBOX_DESTROYED, ACTION_FORGET) :
		    to(SANDBOX_STUCK, ACTION_BALK);
	case SANDBOX_DESTROYING: /* begun after its row was written */
	case SANDBOX_DESTROYED:
		return refused;
	case SANDBOX_CREATING:
		return is_saved ? stays(state) :
		    to(SANDBOX_DOOMED, ACTION_CONDEMN);
	case SANDBOX_SETTING_UP:
		return is_saved ? stays(state) :
		    to(SANDBOX_FAILED, ACTION_CONDEMN);
	case SANDBOX_WOKEN: /* nobody was told before */
		return is_saved ? to(SANDBOX_RUNNING, ACTION_WELCOME) :
		    to(SANDBOX_STOPPING, ACTION_GIVE_UP);
	case SANDBOX_WAKING:
		return is_saved ? stays(state) :
		    to(SANDBOX_STOPPING, ACTION_GIVE_UP);
	default:
		return stays(state);
	}
}

/* Once; who was not told before that it runs is told when its row says so. */
static struct machine_step
on_ready(enum sandbox_state state)
{
	if (!(facts[state] & AWAITED) || state == SANDBOX_WOKEN)
		return refused;
	return state == SANDBOX_WAKING ? to(SANDBOX_WOKEN, ACTION_CONFIRM) :
	    to(SANDBOX_RUNNING, ACTION_WELCOME);
}

/* Who wants in is let in, or it is started for them, or they wait. */
static struct machine_step
on_attach(enum sandbox_state state)
{
	if (state == SANDBOX_RUNNING)
		return to(state, ACTION_ADMIT);
	if (state == SANDBOX_SUSPENDED)
		return to(SANDBOX_STARTING, ACTION_START);
	return facts[state] & (NEW | DISK) ? stays(state) : refused;
}

/* What a sandboxd that starts finds is as the row says, or is put right. */
static struct machine_step
on_found(enum sandbox_state state, enum machine_event event)
{
	if (!(facts[state] & FOUND))
		return refused;
	switch (state) {
	case SANDBOX_RUNNING:
		return event == EVENT_FOUND_ALIVE ?
		    to(SANDBOX_ADOPTING, ACTION_ADOPT) :
		    to(SANDBOX_STOPPING, ACTION_STOP);
	case SANDBOX_SUSPENDED:
		return event == EVENT_FOUND_DEAD ? stays(state) :
		    to(SANDBOX_STOPPING, ACTION_STOP);
	case SANDBOX_DESTROYING:
		return to(SANDBOX_CONDEMNED, ACTION_CONDEMN);
	default: /* nobody was told of a create that was under way */
		return to(SANDBOX_FAILED, ACTION_CONDEMN);
	}
}

static struct machine_step
follow(enum sandbox_state state, enum machine_event event)
{
	switch (event) {
	case EVENT_JOB_DONE:
	case EVENT_JOB_FAILED:
		return on_job(state, event == EVENT_JOB_DONE);
	case EVENT_READY:
		return on_ready(state);
	case EVENT_SILENT:
	case EVENT_DIED:
		return on_no_init(state, event == EVENT_DIED);
	case EVENT_SAVED:
	case EVENT_UNSAVED:
		return on_row(state, event == EVENT_SAVED);
	case EVENT_ATTACH:
		return on_attach(state);
	case EVENT_DESTROY:
		return on_destroy(state);
	default:
		return on_found(state, event);
	}
}

static void
check(enum sandbox_state state, enum machine_event event)
{
	struct machine_step wanted = follow(state, event), got = refused;

	(void)machine_step(state, event, &got);
	/* To take note of an answer that was had is to refuse it, less the
	 * word in the log. */
	if (event == EVENT_READY && state == SANDBOX_RUNNING &&
	    got.next == state && got.action == ACTION_NOTHING)
		return;
	if (got.next == wanted.next && got.action == wanted.action)
		return;
	fprintf(stderr, "%s at %s: %s %s, and not %s %s\n",
	    machine_state_name(state), machine_event_name(event),
	    machine_state_name(wanted.next),
	    machine_action_name(wanted.action), machine_state_name(got.next),
	    machine_action_name(got.action));
	assert(false);
}

int
main(void)
{
	static const enum machine_event events[] = {EVENT_JOB_DONE,
	    EVENT_JOB_FAILED, EVENT_READY, EVENT_SILENT, EVENT_DIED,
	    EVENT_SAVED, EVENT_UNSAVED, EVENT_ATTACH, EVENT_DESTROY,
	    EVENT_FOUND_ALIVE, EVENT_FOUND_DEAD, EVENT_FOUND_REMAINS};

	for (unsigned s = 0; s < N_STATES; s++)
		for (size_t e = 0; e < sizeof events / sizeof *events; e++)
			check((enum sandbox_state)s, events[e]);
	return 0;
}
