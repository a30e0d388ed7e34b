// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/service/turns.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/http/service/processes.h"

/* Of all contexts, in the order in which they came. */
static TAILQ_HEAD(, turn) turns = TAILQ_HEAD_INITIALIZER(turns);

static struct turn *
find_first(const char *sandbox_id, uint32_t process)
{
	struct turn *turn;

	TAILQ_FOREACH(turn, &turns, link)
		if (turn->process == process &&
		    strcmp(turn->sandbox_id, sandbox_id) == 0)
			return turn;
	return NULL;
}

void
turn_wait(struct turn *turn, const char *sandbox_id, uint32_t process,
    void (*come)(void *arg), void *arg)
{
	struct turn *first;

	snprintf(turn->sandbox_id, sizeof turn->sandbox_id, "%s", sandbox_id);
	sandbox_id_respell(turn->sandbox_id);
	turn->process = process;
	turn->come = come;
	turn->arg = arg;
	first = find_first(turn->sandbox_id, process);
	TAILQ_INSERT_TAIL(&turns, turn, link);
	if (first == NULL)
		come(arg);
}

void
turn_leave(struct turn *turn)
{
	bool is_first;
	struct turn *next;

	if (turn->come == NULL)
		return;
	is_first = find_first(turn->sandbox_id, turn->process) == turn;
	TAILQ_REMOVE(&turns, turn, link);
	turn->come = NULL;
	next = is_first ? find_first(turn->sandbox_id, turn->process) : NULL;
	if (next != NULL)
		next->come(next->arg);
}

/* Stands in the place of a turn whose run is being interrupted. */
struct interrupt {
	struct turn turn;
	struct identity *who;
};

static void
on_interrupted(void *arg, const struct err *err)
{
	struct interrupt *interrupt = arg;

	(void)err;
	turn_leave(&interrupt->turn);
	identity_release(interrupt->who);
	free(interrupt);
}

static void
no_turn(void *arg)
{
	(void)arg;
}

void
turn_interrupt(struct turn *turn, struct identity *who)
{
	struct interrupt *interrupt = calloc(1, sizeof *interrupt);

	if (interrupt == NULL) {
		turn_leave(turn);
		return;
	}
	interrupt->who = who;
	interrupt->turn = *turn;
	interrupt->turn.come = no_turn;
	TAILQ_INSERT_BEFORE(turn, &interrupt->turn, link);
	TAILQ_REMOVE(&turns, turn, link);
	turn->come = NULL;
	identity_hold(who);
	processes_signal(who, interrupt->turn.sandbox_id,
	    interrupt->turn.process, SIGINT, on_interrupted, interrupt);
}
