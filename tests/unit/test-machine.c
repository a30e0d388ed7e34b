// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/machine.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CELL_SIZE 64

/*
 * What every state does at every event, said a second time: EVENT>NEXT, and
 * :ACTION where there is one. What is not here is to be refused.
 */
static const struct {
	const char *state, *does;
} wanted[] = {
    {"CREATING",
	"JOB_DONE>SETTING_UP:TAKE_UP JOB_FAILED>FAILED:CONDEMN "
	"UNSAVED>DOOMED:CONDEMN SAVED>CREATING ATTACH>CREATING "
	"RESUME>CREATING DESTROY>DOOMED:CONDEMN "
	"FOUND_ALIVE>FAILED:CONDEMN FOUND_FROZEN>FAILED:CONDEMN "
	"FOUND_DEAD>FAILED:CONDEMN FOUND_REMAINS>FAILED:CONDEMN"},
    {"SETTING_UP",
	"READY>RUNNING:WELCOME SILENT>FAILED:CONDEMN "
	"DIED>FAILED:CONDEMN UNSAVED>FAILED:CONDEMN "
	"SAVED>SETTING_UP ATTACH>SETTING_UP RESUME>SETTING_UP "
	"DESTROY>CONDEMNED:CONDEMN"},
    {"RUNNING",
	"SILENT>RUNNING:LOSE READY>RUNNING DIED>STOPPING:STOP "
	"SAVED>RUNNING:ADMIT UNSAVED>RUNNING:RENEGE "
	"ATTACH>RUNNING:ADMIT DESTROY>CONDEMNED:CONDEMN "
	"FOUND_ALIVE>ADOPTING:ADOPT FOUND_FROZEN>PAUSED:WATCH "
	"FOUND_DEAD>STOPPING:STOP FOUND_REMAINS>STOPPING:STOP "
	"PAUSE>PAUSING:FREEZE RESUME>RUNNING:ADMIT "
	"SUSPEND>SUSPENDING:END CLEAN>CLEANING:WIPE"},
    {"ADOPTING",
	"READY>RUNNING:WELCOME SILENT>STOPPING:GIVE_UP "
	"DIED>STOPPING:GIVE_UP SAVED>ADOPTING UNSAVED>ADOPTING "
	"ATTACH>ADOPTING RESUME>ADOPTING DESTROY>CONDEMNED:CONDEMN"},
    {"SUSPENDED",
	"ATTACH>STARTING:START RESUME>STARTING:START "
	"SUSPEND>SUSPENDED CLEAN>CLEANED:KEEP SAVED>SUSPENDED "
	"RESTORE>RESTORING:EXCHANGE "
	"UNSAVED>SUSPENDED DESTROY>CONDEMNED:CONDEMN "
	"FOUND_ALIVE>STOPPING:STOP FOUND_FROZEN>STOPPING:STOP "
	"FOUND_DEAD>SUSPENDED FOUND_REMAINS>STOPPING:STOP"},
    {"STARTING",
	"JOB_DONE>WAKING:TAKE_UP JOB_FAILED>STOPPING:GIVE_UP "
	"SAVED>STARTING UNSAVED>STARTING ATTACH>STARTING "
	"RESUME>STARTING DESTROY>DOOMED:CONDEMN"},
    {"WAKING",
	"READY>WOKEN:CONFIRM SILENT>STOPPING:GIVE_UP "
	"DIED>STOPPING:GIVE_UP UNSAVED>STOPPING:GIVE_UP "
	"SAVED>WAKING ATTACH>WAKING RESUME>WAKING "
	"DESTROY>CONDEMNED:CONDEMN"},
    {"WOKEN",
	"SAVED>RUNNING:WELCOME UNSAVED>STOPPING:GIVE_UP "
	"SILENT>STOPPING:GIVE_UP DIED>STOPPING:GIVE_UP "
	"ATTACH>WOKEN RESUME>WOKEN DESTROY>CONDEMNED:CONDEMN"},
    {"STOPPING",
	"JOB_DONE>SUSPENDED:REST JOB_FAILED>SUSPENDED:REST "
	"SAVED>STOPPING UNSAVED>STOPPING ATTACH>STOPPING "
	"RESUME>STOPPING SUSPEND>STOPPING DESTROY>DOOMED:CONDEMN"},
    {"FAILED",
	"SAVED>DESTROYING:REMOVE UNSAVED>DESTROYING:REMOVE "
	"DESTROY>FAILED FOUND_ALIVE>FAILED:CONDEMN "
	"FOUND_FROZEN>FAILED:CONDEMN FOUND_DEAD>FAILED:CONDEMN "
	"FOUND_REMAINS>FAILED:CONDEMN"},
    {"DOOMED",
	"JOB_DONE>CONDEMNED:CONDEMN JOB_FAILED>CONDEMNED:CONDEMN "
	"SAVED>DOOMED UNSAVED>DOOMED DESTROY>DOOMED"},
    {"CONDEMNED",
	"SAVED>DESTROYING:REMOVE UNSAVED>STUCK:BALK "
	"DESTROY>CONDEMNED"},
    {"DESTROYING",
	"JOB_DONE>BURYING:BURY JOB_FAILED>STUCK:BALK "
	"DESTROY>DESTROYING FOUND_ALIVE>CONDEMNED:CONDEMN "
	"FOUND_FROZEN>CONDEMNED:CONDEMN "
	"FOUND_DEAD>CONDEMNED:CONDEMN "
	"FOUND_REMAINS>CONDEMNED:CONDEMN"},
    {"STUCK",
	"DESTROY>CONDEMNED:CONDEMN SAVED>STUCK UNSAVED>STUCK "
	"AGAIN>CONDEMNED:CONDEMN"},
    {"BURYING",
	"SAVED>DESTROYED:FORGET UNSAVED>STUCK:BALK DESTROY>BURYING"},
    {"DESTROYED",
	""},
    {"PAUSING",
	"JOB_DONE>PAUSED:KEEP JOB_FAILED>RUNNING:DESIST "
	"READY>PAUSING SILENT>PAUSING:LOSE DIED>ROUSING "
	"SAVED>PAUSING UNSAVED>PAUSING ATTACH>PAUSING "
	"RESUME>PAUSING PAUSE>PAUSING DESTROY>DOOMED:CONDEMN"},
    {"PAUSED",
	"READY>PAUSED SILENT>PAUSED:LOSE DIED>STOPPING:STOP "
	"SAVED>PAUSED UNSAVED>PAUSED ATTACH>RESUMING:THAW "
	"PAUSE>PAUSED RESUME>RESUMING:THAW SUSPEND>ROUSING:THAW "
	"CLEAN>CLEANING:WIPE DESTROY>CONDEMNED:CONDEMN "
	"FOUND_ALIVE>ADOPTING:ADOPT FOUND_FROZEN>PAUSED:WATCH "
	"FOUND_DEAD>STOPPING:STOP FOUND_REMAINS>STOPPING:STOP"},
    {"RESUMING",
	"JOB_DONE>RUNNING:GREET JOB_FAILED>STOPPING:GIVE_UP "
	"READY>RESUMING SILENT>RESUMING:LOSE DIED>ROUSING "
	"SAVED>RESUMING UNSAVED>RESUMING ATTACH>RESUMING "
	"RESUME>RESUMING DESTROY>DOOMED:CONDEMN"},
    {"ROUSING",
	"JOB_DONE>SUSPENDING:END JOB_FAILED>STOPPING:STOP "
	"READY>ROUSING SILENT>ROUSING:LOSE DIED>ROUSING "
	"SAVED>ROUSING UNSAVED>ROUSING ATTACH>ROUSING "
	"RESUME>ROUSING SUSPEND>ROUSING DESTROY>DOOMED:CONDEMN"},
    {"SUSPENDING",
	"DIED>STOPPING:STOP LATE>STOPPING:STOP READY>SUSPENDING "
	"SILENT>SUSPENDING:LOSE SAVED>SUSPENDING UNSAVED>SUSPENDING "
	"ATTACH>SUSPENDING RESUME>SUSPENDING SUSPEND>SUSPENDING "
	"CLEAN>CLEANING:WIPE DESTROY>CONDEMNED:CONDEMN"},
    {"RESTORING",
	"JOB_DONE>SUSPENDED:RESTORED JOB_FAILED>SUSPENDED:RESTORED "
	"SAVED>RESTORING UNSAVED>RESTORING ATTACH>RESTORING "
	"RESUME>RESTORING SUSPEND>RESTORING DESTROY>DOOMED:CONDEMN"},
    {"CLEANING",
	"JOB_DONE>CLEANED:REST JOB_FAILED>CLEANED:REST "
	"SAVED>CLEANING UNSAVED>CLEANING ATTACH>CLEANING "
	"RESUME>CLEANING SUSPEND>CLEANING CLEAN>CLEANING "
	"DESTROY>DOOMED:CONDEMN"},
    {"CLEANED",
	"ATTACH>STARTING:START RESUME>STARTING:START "
	"SUSPEND>CLEANED CLEAN>CLEANED SAVED>CLEANED "
	"RESTORE>RESTORING:EXCHANGE "
	"UNSAVED>CLEANED DESTROY>CONDEMNED:CONDEMN "
	"FOUND_ALIVE>CLEANING:WIPE FOUND_FROZEN>CLEANING:WIPE "
	"FOUND_DEAD>CLEANED FOUND_REMAINS>CLEANING:WIPE"},
    {"POOLING",
	"JOB_DONE>READYING:PREPARE JOB_FAILED>DISCARDING:DISCARD"},
    {"READYING",
	"READY>POOLED:SHELVE SILENT>DISCARDING:DISCARD "
	"DIED>DISCARDING:DISCARD DESTROY>DISCARDING:DISCARD"},
    {"POOLED",
	"CLAIM>SETTING_UP:HAND_OUT CLAIM_OTHER>FITTING:FIT "
	"SILENT>DISCARDING:DISCARD DIED>DISCARDING:DISCARD "
	"DESTROY>DISCARDING:DISCARD"},
    {"BLANKING",
	"JOB_DONE>BLANK:STOCK JOB_FAILED>DISCARDING:DISCARD"},
    {"BLANK",
	"CLAIM>CREATING:COMPLETE SILENT>DISCARDING:DISCARD "
	"DIED>DISCARDING:DISCARD DESTROY>DISCARDING:DISCARD"},
    {"DISCARDING",
	"JOB_DONE>DESTROYED:DROP JOB_FAILED>DISCARDING:BALK "
	"DESTROY>DISCARDING AGAIN>DISCARDING:DISCARD"},
    {"FITTING",
	"JOB_DONE>SETTING_UP:HAND_OUT JOB_FAILED>FAILED:CONDEMN "
	"SILENT>DOOMED:CONDEMN DIED>DOOMED:CONDEMN ATTACH>FITTING "
	"RESUME>FITTING DESTROY>DOOMED:CONDEMN"},
};

/* Writes what the machine does, or "" where it refuses, as above. */
static void
write_cell(enum sandbox_state state, enum machine_event event,
    char cell[CELL_SIZE])
{
	struct machine_step step = {N_SANDBOX_STATES, N_MACHINE_ACTIONS};

	cell[0] = '\0';
	if (!machine_step(state, event, &step)) {
		assert(step.next == N_SANDBOX_STATES);
		return;
	}
	snprintf(cell, CELL_SIZE, "%s>%s%s%s", machine_event_name(event),
	    machine_state_name(step.next),
	    step.action == ACTION_NOTHING ? "" : ":",
	    step.action == ACTION_NOTHING ? "" :
	    machine_action_name(step.action));
}

/* The word of `does` that is about an event; "" where none is. */
static void
find_cell(const char *does, enum machine_event event, char cell[CELL_SIZE])
{
	char start[CELL_SIZE];
	size_t n = (size_t)snprintf(start, sizeof start, "%s>",
	    machine_event_name(event));

	cell[0] = '\0';
	for (const char *word = does; *word != '\0';) {
		size_t length = strcspn(word, " ");

		if (strncmp(word, start, n) == 0) {
			assert(cell[0] == '\0');
			snprintf(cell, CELL_SIZE, "%.*s", (int)length, word);
		}
		word += length;
		word += strspn(word, " ");
	}
}

static unsigned
count_words(const char *text)
{
	unsigned n = text[0] != '\0';

	for (; *text != '\0'; text++)
		n += *text == ' ';
	return n;
}

static void
test_matrix(void)
{
	assert(sizeof wanted / sizeof *wanted == N_SANDBOX_STATES);
	for (unsigned s = 0; s < N_SANDBOX_STATES; s++) {
		enum sandbox_state state = (enum sandbox_state)s;
		unsigned n = 0;

		assert(strcmp(wanted[s].state, machine_state_name(state)) == 0);
		for (unsigned e = 0; e < N_MACHINE_EVENTS; e++) {
			char got[CELL_SIZE], cell[CELL_SIZE];

			write_cell(state, (enum machine_event)e, got);
			find_cell(wanted[s].does, (enum machine_event)e, cell);
			if (strcmp(got, cell) != 0)
				printf("%s: wanted \"%s\", got \"%s\"\n",
				    wanted[s].state, cell, got);
			assert(strcmp(got, cell) == 0);
			n += got[0] != '\0';
		}
		/* A word that names no event would go unseen. */
		assert(n == count_words(wanted[s].does));
	}
}

/* Nothing out of range is looked up. */
static void
test_bounds(void)
{
	struct machine_step step;

	assert(!machine_step(N_SANDBOX_STATES, EVENT_DESTROY, &step));
	assert(!machine_step(SANDBOX_RUNNING, N_MACHINE_EVENTS, &step));
	assert(!machine_step((enum sandbox_state)99, (enum machine_event)99,
	    &step));
}

/* The ids of states are also bits here. */
static unsigned
reachable(enum sandbox_state from)
{
	unsigned seen = 1u << from, before = 0;
	struct machine_step step;

	while (seen != before) {
		before = seen;
		for (unsigned s = 0; s < N_SANDBOX_STATES; s++)
			for (unsigned e = 0; e < N_MACHINE_EVENTS; e++)
				if ((seen & 1u << s) != 0 &&
				    machine_step((enum sandbox_state)s,
				    (enum machine_event)e, &step))
					seen |= 1u << step.next;
	}
	return seen;
}

/* Destroy is legal in every state but the last, and never turned away. */
static void
test_destroy(void)
{
	for (unsigned s = 0; s < SANDBOX_DESTROYED; s++) {
		struct machine_step step;

		assert(machine_step((enum sandbox_state)s, EVENT_DESTROY,
		    &step));
		assert(sandbox_state_is_ending(step.next));
		assert((reachable((enum sandbox_state)s) &
		    1u << SANDBOX_DESTROYED) != 0);
	}
	assert(reachable(SANDBOX_DESTROYED) == 1u << SANDBOX_DESTROYED);
	/* Nothing that is about to go comes back. */
	for (unsigned s = 0; s < N_SANDBOX_STATES; s++)
		for (unsigned next = 0; next < N_SANDBOX_STATES; next++)
			if (sandbox_state_is_ending((enum sandbox_state)s) &&
			    (reachable((enum sandbox_state)s) & 1u << next))
				assert(sandbox_state_is_ending(
				    (enum sandbox_state)next) ||
				    next == SANDBOX_STUCK);
}

/* An action that hands a job to a worker, whose end the next state knows. */
static void
test_jobs(void)
{
	static const enum machine_action jobs[] = {ACTION_START, ACTION_STOP,
	    ACTION_GIVE_UP, ACTION_REMOVE, ACTION_FREEZE, ACTION_THAW,
	    ACTION_WIPE, ACTION_EXCHANGE, ACTION_FIT, ACTION_DISCARD};

	for (unsigned s = 0; s < N_SANDBOX_STATES; s++)
		for (unsigned e = 0; e < N_MACHINE_EVENTS; e++)
			for (size_t j = 0; j < sizeof jobs / sizeof *jobs;
			    j++) {
				struct machine_step step, end;

				if (!machine_step((enum sandbox_state)s,
				    (enum machine_event)e, &step) ||
				    step.action != jobs[j])
					continue;
				assert(machine_step(step.next, EVENT_JOB_DONE,
				    &end));
				assert(machine_step(step.next,
				    EVENT_JOB_FAILED, &end));
			}
}

/* What clients see, arrow by arrow. */
static void
test_shown(void)
{
	static const char *const arrows[][2] = {{"creating", "running"},
	    {"creating", "failed"}, {"creating", "destroying"},
	    {"running", "suspended"}, {"running", "destroying"},
	    {"suspended", "running"}, {"suspended", "destroying"},
	    {"suspended", "cleaned"}, {"failed", "destroying"},
	    {"destroying", "destroyed"}, {"running", "pausing"},
	    {"running", "paused"}, {"pausing", "paused"},
	    {"pausing", "running"}, {"pausing", "suspending"},
	    {"pausing", "destroying"}, {"paused", "resuming"},
	    {"paused", "running"}, {"paused", "suspending"},
	    {"paused", "suspended"}, {"paused", "cleaning"},
	    {"paused", "destroying"}, {"resuming", "running"},
	    {"resuming", "suspending"}, {"resuming", "suspended"},
	    {"resuming", "destroying"}, {"running", "suspending"},
	    {"suspending", "suspended"}, {"suspending", "cleaning"},
	    {"suspending", "destroying"}, {"running", "cleaning"},
	    {"cleaning", "cleaned"}, {"cleaning", "destroying"},
	    {"cleaned", "suspended"}, {"cleaned", "cleaning"},
	    {"cleaned", "destroying"}};

	for (unsigned s = 0; s < N_SANDBOX_STATES; s++)
		for (unsigned e = 0; e < N_MACHINE_EVENTS; e++) {
			const char *from = sandbox_state_name(
			    (enum sandbox_state)s), *to;
			struct machine_step step;
			bool is_known = false;

			if (!machine_step((enum sandbox_state)s,
			    (enum machine_event)e, &step))
				continue;
			to = sandbox_state_name(step.next);
			for (size_t i = 0; i < sizeof arrows / sizeof *arrows;
			    i++)
				if (strcmp(arrows[i][0], from) == 0 &&
				    strcmp(arrows[i][1], to) == 0)
					is_known = true;
			assert(is_known || strcmp(from, to) == 0);
		}
}

/* Every state that is kept loads as itself, by the word of its row. */
static void
test_kept(void)
{
	static const char *const words[] = {"creating", "running",
	    "suspended", "failed", "destroying", "paused", "cleaned"};
	enum sandbox_state state;

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		struct machine_step step;

		assert(sandbox_state_parse(words[i], &state) == 0);
		assert(sandbox_state_kept(state) == state);
		assert(strcmp(sandbox_state_name(state), words[i]) == 0);
		assert(machine_step(state, EVENT_FOUND_ALIVE, &step));
		assert(machine_step(state, EVENT_FOUND_FROZEN, &step));
		assert(machine_step(state, EVENT_FOUND_DEAD, &step));
		assert(machine_step(state, EVENT_FOUND_REMAINS, &step));
	}
	for (unsigned s = 0; s < N_SANDBOX_STATES; s++) {
		state = sandbox_state_kept((enum sandbox_state)s);
		assert(sandbox_state_kept(state) == state);
	}
	assert(sandbox_state_parse("stuck", &state) == -EINVAL);
	assert(sandbox_state_parse("", &state) == -EINVAL);
}

int
main(void)
{
	test_matrix();
	test_bounds();
	test_destroy();
	test_jobs();
	test_shown();
	test_kept();
	return 0;
}
