// SPDX-License-Identifier: Apache-2.0
/* What is done with a sandbox that goes for good. */
#include <errno.h>
#include <stdio.h>
#include <sys/param.h>

#include "common/clock.h"
#include "common/log.h"
#include "sandboxd/lifecycle/actions_of.h"
#include "sandboxd/lifecycle/chronicle.h"
#include "sandboxd/lifecycle/pool.h"
#include "sandboxd/lifecycle/repeats.h"

/* A removal that failed is tried again after so long, and ever longer. */
#define AGAIN_MIN_MS	1000u
#define AGAIN_MAX_MS	60000u

/* Who wanted another state of it than none. */
static void
disappoint(struct sandbox *sandbox)
{
	struct err gone = {0};

	err_set(&gone, ENOENT, "no such sandbox");
	waiters_answer(&sandbox->waiters, WAITER_ATTACH, sandbox, &gone);
	waiters_answer(&sandbox->waiters, WAITER_PAUSE, sandbox, &gone);
	waiters_answer(&sandbox->waiters, WAITER_SUSPEND, sandbox, &gone);
	waiters_answer(&sandbox->waiters, WAITER_EGRESS, sandbox, &gone);
	waiters_answer(&sandbox->waiters, WAITER_RESIZE, sandbox, &gone);
	waiters_answer(&sandbox->waiters, WAITER_SAVED, sandbox, &gone);
	waiters_answer(&sandbox->waiters, WAITER_RESTORE, sandbox, &gone);
}

enum machine_event
action_condemn(struct sandbox *sandbox, const struct err *why,
    struct err *ret_why)
{
	struct sandbox_record *record = &sandbox->record;

	action_forget_process(sandbox);
	disappoint(sandbox);
	if (why != NULL && sandbox->failure.code == 0) {
		log_error("failed id=%s: %s", record->id, why->text);
		chronicle_blame(sandbox, NULL);
		chronicle_note(sandbox, EVENT_KIND_FAILED, why->text);
		sandbox->failure = *why;
		/* A process of ours, and nothing that was asked for. */
		if (why->code == ESRCH)
			sandbox->failure.code = ENOTCONN;
		if (why->cause[0] == '\0')
			(void)err_cause(&sandbox->failure, "not_started");
	}
	/* Nobody was told that it is there, or will be. */
	if (record->state == SANDBOX_FAILED ||
	    waiters_have(&sandbox->waiters, WAITER_CREATE))
		record->request_key[0] = '\0';
	if (record->ended_ms == 0)
		record->ended_ms = clock_unix_ms();
	if (record->cause[0] == '\0' && sandbox->failure.code != 0)
		snprintf(record->cause, sizeof record->cause, "failed: %s",
		    sandbox->failure.text);
	return action_write(sandbox, WRITER_UPDATE, REGISTRY_DURABLE, ret_why);
}

enum machine_event
action_remove(struct sandbox *sandbox, const struct err *why,
    struct err *ret_why)
{
	(void)why;
	return action_job(sandbox, JOB_DESTROY, ret_why);
}

/* What is told to who waits for a sandbox that goes, or went before it was
 * ready. */
static void
answer_gone(struct sandbox *sandbox)
{
	struct err failure = sandbox->failure;

	disappoint(sandbox);
	if (failure.code == 0)
		err_set(&failure, ENOENT, "it was %s",
		    sandbox->record.cause);
	waiters_answer(&sandbox->waiters, WAITER_CREATE, sandbox, &failure);
}

static void
on_again(void *data)
{
	struct sandbox *sandbox = data;

	sandbox->daemon->on_event(sandbox, EVENT_AGAIN, NULL);
}

/* Its slot stays taken for as long as its row does, in the registry too. */
enum machine_event
action_balk(struct sandbox *sandbox, const struct err *why,
    struct err *ret_why)
{
	(void)ret_why;
	log_error("destroy failed id=%s: %s", sandbox->record.id, why->text);
	answer_gone(sandbox);
	waiters_answer(&sandbox->waiters, WAITER_DESTROY, sandbox, why);
	sandbox->grace.fire = on_again;
	sandbox->grace.data = sandbox;
	sandbox->again_ms = sandbox->again_ms == 0 ? AGAIN_MIN_MS :
	    MIN(sandbox->again_ms * 2, AGAIN_MAX_MS);
	if (clock_arm(&sandbox->daemon->clock, &sandbox->grace,
	    sandbox->again_ms) < 0)
		log_error("no timer id=%s", sandbox->record.id);
	return N_MACHINE_EVENTS;
}

enum machine_event
action_bury(struct sandbox *sandbox, const struct err *why,
    struct err *ret_why)
{
	(void)why;
	chronicle_note(sandbox, EVENT_KIND_DESTROYED, sandbox->record.cause);
	return action_write(sandbox,
	    sandbox->daemon->settings.tombstone_keep_s > 0 ? WRITER_BURY :
	    WRITER_DELETE, REGISTRY_LAZY, ret_why);
}

enum machine_event
action_forget(struct sandbox *sandbox, const struct err *why,
    struct err *ret_why)
{
	(void)why;
	(void)ret_why;
	answer_gone(sandbox);
	waiters_answer(&sandbox->waiters, WAITER_DESTROY, sandbox, NULL);
	log_info("sandbox gone id=%s org=%s", sandbox->record.id,
	    sandbox->record.org);
	repeats_note(sandbox->daemon, &sandbox->record);
	sandbox_remove(&sandbox->daemon->sandboxes, sandbox);
	return N_MACHINE_EVENTS;
}

enum machine_event
action_discard(struct sandbox *sandbox, const struct err *why,
    struct err *ret_why)
{
	pool_leave(sandbox);
	action_forget_process(sandbox);
	if (why != NULL) {
		log_warn("pool: id=%s goes: %s", sandbox->record.id,
		    why->text);
		pool_failed(sandbox->daemon);
	}
	return action_job(sandbox, JOB_DESTROY, ret_why);
}

enum machine_event
action_drop(struct sandbox *sandbox, const struct err *why,
    struct err *ret_why)
{
	(void)why;
	(void)ret_why;
	sandbox_remove(&sandbox->daemon->sandboxes, sandbox);
	return N_MACHINE_EVENTS;
}
