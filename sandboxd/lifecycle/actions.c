// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/actions.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/fd.h"
#include "common/log.h"
#include "sandboxd/lifecycle/contact.h"

typedef enum machine_event perform_fn(struct sandbox *sandbox,
    const struct err *why, struct err *ret_why);

static enum machine_event
nothing(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	(void)sandbox;
	(void)why;
	(void)ret_why;
	return N_MACHINE_EVENTS;
}

static enum machine_event
save(struct sandbox *sandbox, enum writer_what what,
    enum registry_durability durability, struct err *ret_why)
{
	struct sandbox_record record = sandbox->record;

	record.state = sandbox_state_kept(record.state);
	if (writer_submit(sandbox->daemon->writer, what, &record, durability,
	    ret_why) < 0)
		return EVENT_UNSAVED;
	if (durability == REGISTRY_DURABLE || what != WRITER_UPDATE)
		sandbox->n_saving++;
	return N_MACHINE_EVENTS;
}

int
action_submit(const struct sandbox *sandbox, enum job_kind kind,
    struct err *err)
{
	const struct sandbox_record *record = &sandbox->record;
	struct job job = {.kind = kind, .slot = record->slot,
	    .limits = {.memory_bytes = record->memory_limit_bytes,
		.pids = record->pids_limit,
		.cpu_millis = record->cpu_limit_millis},
	    .disk_limit_bytes = record->disk_limit_bytes};

	snprintf(job.id, sizeof job.id, "%s", record->id);
	snprintf(job.org, sizeof job.org, "%s", record->org);
	snprintf(job.template_name, sizeof job.template_name, "%s",
	    record->template_name);
	return worker_pool_submit(sandbox->daemon->workers, &job, err);
}

static enum machine_event
submit(const struct sandbox *sandbox, enum job_kind kind, struct err *ret_why)
{
	return action_submit(sandbox, kind, ret_why) < 0 ? EVENT_JOB_FAILED :
	    N_MACHINE_EVENTS;
}

/* Drops all that is known of a process that is no more, or soon will be. */
static void
forget_process(struct sandbox *sandbox)
{
	contact_end(sandbox);
	sandbox->pid_source =
	    sd_event_source_disable_unref(sandbox->pid_source);
	fd_close(&sandbox->pid_fd);
	sandbox->record.pid = 0;
	sandbox->record.start_ticks = 0;
	sandbox->oom_kills = 0;
}

static int
on_init_died(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct sandbox *sandbox = data;
	struct err err = {0};

	(void)fd;
	(void)events;
	/* A state that only takes note of it must not be told again. */
	sd_event_source_set_enabled(source, SD_EVENT_OFF);
	err_set(&err, ESRCH, "init died");
	sandbox->daemon->on_event(sandbox, EVENT_DIED, &err);
	return 0;
}

static enum machine_event
adopt(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	int r = sd_event_add_io(sandbox->daemon->event, &sandbox->pid_source,
	    sandbox->pid_fd, EPOLLIN, on_init_died, sandbox);

	(void)why;
	if (r < 0) {
		err_set(ret_why, -r, "watch init: %s", strerror(-r));
		return EVENT_SILENT;
	}
	return contact_begin(sandbox, ret_why) < 0 ? EVENT_SILENT :
	    N_MACHINE_EVENTS;
}

/*
 * The row says "running" as soon as init lives, so that whoever comes after a
 * crash adopts it; we say so when it has answered. The fsync of that row
 * happens while init does its work.
 */
static enum machine_event
take_up(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	enum machine_event event = adopt(sandbox, why, ret_why);

	return event != N_MACHINE_EVENTS ? event : save(sandbox,
	    WRITER_UPDATE, REGISTRY_DURABLE, ret_why);
}

/* A create is acknowledged once its row is on the disk, and not before. */
static enum machine_event
admit(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	(void)why;
	(void)ret_why;
	if (sandbox->n_saving == 0)
		waiters_answer(&sandbox->waiters, WAITER_CREATE, sandbox,
		    NULL);
	waiters_answer(&sandbox->waiters, WAITER_ATTACH, sandbox, NULL);
	return N_MACHINE_EVENTS;
}

static enum machine_event
welcome(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	sandbox->failure.code = 0;
	sandbox->record.cause[0] = '\0';
	return admit(sandbox, why, ret_why);
}

/* A registry that cannot be written to is logged and the sandbox goes on,
 * unless somebody is about to be promised that it lasts. */
static enum machine_event
renege(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	if (!waiters_have(&sandbox->waiters, WAITER_CREATE))
		return admit(sandbox, why, ret_why);
	*ret_why = *why;
	return EVENT_DESTROY;
}

static enum machine_event
lose(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	(void)ret_why;
	/* It has been set up; attaches have connections of their own. */
	log_warn("control connection lost id=%s: %s", sandbox->record.id,
	    why->text);
	contact_end(sandbox);
	return N_MACHINE_EVENTS;
}

static enum machine_event
start(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	(void)why;
	return submit(sandbox, JOB_START, ret_why);
}

/* The write is lazy: a row that says it runs is found to be dead as well. */
static enum machine_event
stop(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	forget_process(sandbox);
	sandbox->failure.code = 0;
	if (why != NULL)
		log_error("no init id=%s: %s", sandbox->record.id, why->text);
	(void)save(sandbox, WRITER_UPDATE, REGISTRY_LAZY, ret_why);
	return submit(sandbox, JOB_STOP, ret_why);
}

static enum machine_event
give_up(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	struct err failure = *why;
	enum machine_event event = stop(sandbox, why, ret_why);

	sandbox->failure = failure;
	return event;
}

/* Who asked for the start that failed is told so; who came after an init died
 * by itself has it started again. */
static enum machine_event
rest(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	(void)ret_why;
	if (why != NULL)
		log_error("remains of id=%s: %s", sandbox->record.id,
		    why->text);
	if (sandbox->failure.code != 0)
		waiters_answer(&sandbox->waiters, WAITER_ATTACH, sandbox,
		    &sandbox->failure);
	sandbox->failure.code = 0;
	return waiters_have(&sandbox->waiters, WAITER_ATTACH) ?
	    EVENT_ATTACH : N_MACHINE_EVENTS;
}

static enum machine_event
condemn(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	struct sandbox_record *record = &sandbox->record;

	forget_process(sandbox);
	if (why != NULL && sandbox->failure.code == 0) {
		log_error("failed id=%s: %s", record->id, why->text);
		sandbox->failure = *why;
	}
	if (record->ended_ms == 0)
		record->ended_ms = clock_unix_ms();
	if (record->cause[0] == '\0' && sandbox->failure.code != 0)
		snprintf(record->cause, sizeof record->cause, "failed: %s",
		    sandbox->failure.text);
	return save(sandbox, WRITER_UPDATE, REGISTRY_DURABLE, ret_why);
}

static enum machine_event
remove_all(struct sandbox *sandbox, const struct err *why,
    struct err *ret_why)
{
	(void)why;
	return submit(sandbox, JOB_DESTROY, ret_why);
}

/* What is told to who waits for a sandbox that goes, or went before it was
 * ready. */
static void
answer_gone(struct sandbox *sandbox)
{
	struct err failure = sandbox->failure, gone = {0};

	err_set(&gone, ENOENT, "no such sandbox");
	waiters_answer(&sandbox->waiters, WAITER_ATTACH, sandbox, &gone);
	if (failure.code == 0)
		err_set(&failure, ENOENT, "it was %s",
		    sandbox->record.cause);
	waiters_answer(&sandbox->waiters, WAITER_CREATE, sandbox, &failure);
}

/* Its slot stays taken for as long as its row does, in the registry too. */
static enum machine_event
balk(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	(void)ret_why;
	log_error("destroy failed id=%s: %s", sandbox->record.id, why->text);
	answer_gone(sandbox);
	waiters_answer(&sandbox->waiters, WAITER_DESTROY, sandbox, why);
	return N_MACHINE_EVENTS;
}

static enum machine_event
bury(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	(void)why;
	return save(sandbox,
	    sandbox->daemon->settings.tombstone_keep_s > 0 ? WRITER_BURY :
	    WRITER_DELETE, REGISTRY_LAZY, ret_why);
}

static enum machine_event
forget(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	(void)why;
	(void)ret_why;
	answer_gone(sandbox);
	waiters_answer(&sandbox->waiters, WAITER_DESTROY, sandbox, NULL);
	log_info("sandbox gone id=%s org=%s", sandbox->record.id,
	    sandbox->record.org);
	sandbox_remove(&sandbox->daemon->sandboxes, sandbox);
	return N_MACHINE_EVENTS;
}

/* Those without a row here have states that nothing leads to yet. */
static perform_fn *const performers[N_MACHINE_ACTIONS] = {
    [ACTION_NOTHING] = nothing,
    [ACTION_TAKE_UP] = take_up,
    [ACTION_ADOPT] = adopt,
    [ACTION_WELCOME] = welcome,
    [ACTION_ADMIT] = admit,
    [ACTION_RENEGE] = renege,
    [ACTION_LOSE] = lose,
    [ACTION_START] = start,
    [ACTION_STOP] = stop,
    [ACTION_GIVE_UP] = give_up,
    [ACTION_REST] = rest,
    [ACTION_CONDEMN] = condemn,
    [ACTION_REMOVE] = remove_all,
    [ACTION_BALK] = balk,
    [ACTION_BURY] = bury,
    [ACTION_FORGET] = forget,
};

bool
action_exists(enum machine_action action)
{
	return action < N_MACHINE_ACTIONS && performers[action] != NULL;
}

enum machine_event
action_perform(struct sandbox *sandbox, enum machine_action action,
    const struct err *why, struct err *ret_why)
{
	return performers[action](sandbox, why, ret_why);
}
