// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/lifecycle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"
#include "common/log.h"
#include "sandboxd/lifecycle/actions.h"
#include "sandboxd/lifecycle/ceiling.h"
#include "sandboxd/lifecycle/contact.h"
#include "sandboxd/lifecycle/egress.h"
#include "sandboxd/lifecycle/expiry.h"
#include "sandboxd/lifecycle/kept_disks.h"
#include "sandboxd/lifecycle/pool.h"
#include "sandboxd/lifecycle/resize.h"
#include "sandboxd/lifecycle/snapshots.h"
#include "sandboxd/template/templates.h"

/* Answers who waits for one state, where it has come to one: that, durably, or
 * another. */
static void
settle(struct sandbox *sandbox, enum waiter_kind kind,
    enum sandbox_state wanted)
{
	struct err other = {0};

	if (!waiters_have(&sandbox->waiters, kind))
		return;
	(void)sandbox_refuse(sandbox, &other);
	waiters_answer(&sandbox->waiters, kind, sandbox,
	    sandbox->record.state == wanted ? NULL : &other);
}

/* A paused one whose init was never asked may have somebody attached. */
static bool
can_be_abandoned(const struct sandbox *sandbox)
{
	return sandbox_state_is_at_rest(sandbox->record.state) &&
	    sandbox->waiters.first == NULL &&
	    (sandbox->record.state != SANDBOX_PAUSED ||
	    contact_is_open(sandbox));
}

static void
review(struct sandbox *sandbox)
{
	int r;

	if (sandbox->daemon->is_ending)
		return;
	chronicle_flush(sandbox);
	if (sandbox_state_is_at_rest(sandbox->record.state) &&
	    sandbox->n_saving == 0) {
		settle(sandbox, WAITER_PAUSE, SANDBOX_PAUSED);
		settle(sandbox, WAITER_SUSPEND, SANDBOX_SUSPENDED);
	}
	if (sandbox->n_saving == 0)
		waiters_answer(&sandbox->waiters, WAITER_SAVED, sandbox,
		    NULL);
	if (sandbox->n_saving == 0 && !sandbox->resize.is_applying)
		waiters_answer(&sandbox->waiters, WAITER_RESIZE, sandbox,
		    NULL);
	r = hold_review(&sandbox->hold, can_be_abandoned(sandbox));
	if (r < 0)
		log_error("ephemeral sandbox stays id=%s: %s",
		    sandbox->record.id, strerror(-r));
	expiry_review(sandbox);
	if (sandbox->daemon->on_reviewed != NULL)
		sandbox->daemon->on_reviewed(sandbox);
}

/* What clients wait for where they do not wait for the answer itself. */
static void
count_generations(struct sandbox_record *record, enum sandbox_state from)
{
	if (strcmp(sandbox_state_desired(from),
	    sandbox_state_desired(record->state)) != 0)
		record->desired_generation++;
	/* Of one that is buried nothing is left but the row that says so. */
	if (sandbox_state_is_at_rest(record->state) ||
	    record->state == SANDBOX_BURYING)
		record->observed_generation = record->desired_generation;
}

/* The one place where a state changes. */
static void
move(struct sandbox *sandbox, const struct machine_step *step,
    enum machine_event event)
{
	enum sandbox_state from = sandbox->record.state;
	const char *shown = sandbox_state_name(from);
	const bool was_there = sandbox_is_there(sandbox);

	log_debug("step id=%s state=%s event=%s next=%s action=%s",
	    sandbox->record.id, machine_state_name(from),
	    machine_event_name(event), machine_state_name(step->next),
	    machine_action_name(step->action));
	sandbox->record.state = step->next;
	count_generations(&sandbox->record, from);
	if (strcmp(shown, sandbox_state_name(step->next)) != 0)
		log_info("sandbox moved id=%s org=%s from=%s to=%s pid=%d",
		    sandbox->record.id, sandbox->record.org, shown,
		    sandbox_state_name(step->next), (int)sandbox->record.pid);
	if (sandbox_is_there(sandbox) != was_there)
		sandbox->daemon->on_there(sandbox);
	if (strcmp(shown, sandbox_state_name(step->next)) != 0)
		sandbox->daemon->on_moved(sandbox);
}

/* An event, and those it leads to. What is not for its state changes nothing.
 * The sandbox may be gone after it. */
static void
raise_event(struct sandbox *sandbox, enum machine_event event,
    const struct err *why)
{
	struct daemon *daemon = sandbox->daemon;
	struct err now, next;

	while (event != N_MACHINE_EVENTS) {
		struct machine_step step;

		if (!machine_step(sandbox->record.state, event, &step)) {
			log_warn("refused event=%s id=%s state=%s",
			    machine_event_name(event), sandbox->record.id,
			    machine_state_name(sandbox->record.state));
			break;
		}
		move(sandbox, &step, event);
		next = (struct err){0};
		event = action_perform(sandbox, step.action, why, &next);
		if (step.action == ACTION_FORGET ||
		    step.action == ACTION_DROP) {
			templates_collect(daemon);
			return;
		}
		now = next;
		why = now.code != 0 ? &now : NULL;
	}
	review(sandbox);
}

static void
on_event(struct sandbox *sandbox, enum machine_event event,
    const struct err *why)
{
	if (!sandbox->daemon->is_ending)
		raise_event(sandbox, event, why);
}

void
lifecycle_count_kills(struct sandbox *sandbox)
{
	if (sandbox_state_kept(sandbox->record.state) == SANDBOX_RUNNING)
		cgroup_oom_kills(sandbox->daemon->runtime.cgroups,
		    sandbox->record.id, &sandbox->oom_kills, NULL);
	chronicle_note_kills(sandbox);
}

static void
on_attached(struct sandbox *sandbox, uint32_t n_attached)
{
	sandbox->hold.n_attached = n_attached;
	lifecycle_count_kills(sandbox);
	review(sandbox);
}

static void
on_used(struct daemon *daemon, const char *sandbox_id, const char *kind,
    int change)
{
	struct sandbox *sandbox = sandbox_find(&daemon->sandboxes, sandbox_id);

	if (sandbox == NULL || !sandbox_is_there(sandbox))
		return;
	sandbox->n_busy += (unsigned)change;
	expiry_touch(sandbox, kind);
	review(sandbox);
}

static void
on_held(struct daemon *daemon, const char *sandbox_id, int change)
{
	struct sandbox *sandbox = sandbox_find(&daemon->sandboxes, sandbox_id);

	if (sandbox == NULL)
		return;
	sandbox->hold.n_capabilities += (unsigned)change;
	review(sandbox);
}

void
lifecycle_listen(struct daemon *daemon)
{
	daemon->on_event = on_event;
	daemon->on_attached = on_attached;
	daemon->on_held = on_held;
	daemon->on_used = on_used;
	daemon->on_oom = lifecycle_count_kills;
}

/*
 * Says why it ends, in printable ASCII; a reason that is there already, and is
 * not that of a failure, stands.
 */
static void
set_cause(struct sandbox *sandbox, const char *why, const char *whose)
{
	char *cause = sandbox->record.cause;

	if (sandbox->record.ended_ms != 0 && cause[0] != '\0')
		return;
	snprintf(cause, sizeof sandbox->record.cause, "%s%.256s", why, whose);
	for (; *cause != '\0'; cause++)
		if (*cause < ' ' || *cause > '~')
			*cause = '?';
}

static void
on_abandoned(void *data)
{
	struct sandbox *sandbox = data;

	log_info("ephemeral sandbox ends id=%s org=%s", sandbox->record.id,
	    sandbox->record.org);
	chronicle_blame(sandbox, NULL);
	if (sandbox->record.cause[0] == '\0')
		set_cause(sandbox, "ephemeral, and nobody was connected", "");
	on_event(sandbox, EVENT_DESTROY, NULL);
}

void
lifecycle_prepare(struct sandbox *sandbox)
{
	struct daemon *daemon = sandbox->daemon;

	sandbox->hold = (struct hold){.clock = &daemon->clock,
	    .linger_ms = daemon->settings.ephemeral_linger_s * 1000,
	    .abandoned = on_abandoned, .data = sandbox,
	    .is_ephemeral = sandbox->record.is_ephemeral};
	expiry_load(sandbox);
	chronicle_begin(sandbox);
}

static void
note_process(struct sandbox *sandbox, const struct job_result *result,
    int pid_fd)
{
	struct sandbox_record *record = &sandbox->record;

	sandbox->pid_fd = pid_fd;
	record->pid = result->pid;
	record->start_ticks = result->start_ticks;
	sandbox->pooled.boot = result->boot;
	snprintf(record->boot_id, sizeof record->boot_id, "%s",
	    sandbox->daemon->boot_id);
}

/* A copy that was cut short may have left the one it was of standing still. */
static void
release_source(struct daemon *daemon, const struct job *copy)
{
	struct job job = {.kind = JOB_RELEASE};
	struct err err = {0};

	if (!sandbox_id_is_valid(copy->source))
		return;
	snprintf(job.id, sizeof job.id, "%s", copy->source);
	if (worker_pool_submit(daemon->workers, &job, &err) < 0)
		log_error("may stand still id=%s: %s", job.id, err.text);
}

static void
job_done(struct daemon *daemon, const struct job *job,
    const struct job_result *result, int pid_fd)
{
	struct sandbox *sandbox = sandbox_find(&daemon->sandboxes, job->id);
	auto_close int owned_fd = pid_fd;
	const bool is_start = job->kind == JOB_CREATE ||
	    job->kind == JOB_START || job->kind == JOB_BLANK;
	const bool is_egress = job->kind == JOB_EGRESS;

	if (job->kind == JOB_PUBLISH || job->kind == JOB_WITHDRAW ||
	    job->kind == JOB_DROP_LAYER) {
		templates_job_done(daemon, job, result);
		return;
	}
	if (job->kind == JOB_DROP_DISK) {
		kept_disks_job_done(daemon, job, result);
		return;
	}
	if (result->err.code != 0)
		release_source(daemon, job);
	if (snapshot_id_is_valid(job->id)) {
		fd_close(&owned_fd);
		snapshots_job_done(daemon, job, result);
		return;
	}
	if (sandbox == NULL) {
		log_error("a job's end id=%s: no such sandbox", job->id);
		return;
	}
	if (is_egress) {
		egress_applied(sandbox, job->pid,
		    result->err.code != 0 ? &result->err : NULL);
		review(sandbox);
		return;
	}
	if (job->kind == JOB_RESIZE) {
		resize_applied(sandbox,
		    result->err.code != 0 ? &result->err : NULL);
		review(sandbox);
		return;
	}
	if (result->err.code != 0) {
		on_event(sandbox, EVENT_JOB_FAILED, &result->err);
		return;
	}
	/* One that was doomed meanwhile has no use for its process. */
	if (is_start && (sandbox->record.state == SANDBOX_CREATING ||
	    sandbox->record.state == SANDBOX_POOLING ||
	    sandbox->record.state == SANDBOX_BLANKING ||
	    sandbox->record.state == SANDBOX_STARTING))
		note_process(sandbox, result, take_fd(&owned_fd));
	if ((is_start && job->kind != JOB_BLANK) || job->kind == JOB_FIT)
		egress_started(sandbox);
	on_event(sandbox, EVENT_JOB_DONE, NULL);
}

void
lifecycle_job_done(const struct job *job, const struct job_result *result,
    int pid_fd, void *data)
{
	job_done(data, job, result, pid_fd);
	ceilings_review(data);
	templates_collect(data);
	pool_review(data);
}

void
lifecycle_logged(const struct sandbox_record *record, void *data)
{
	struct daemon *daemon = data;

	if (!daemon->is_ending)
		daemon->on_logged(daemon, record);
}

void
lifecycle_written(const char *id, enum writer_what what,
    enum registry_durability durability, const struct err *err, void *data)
{
	struct daemon *daemon = data;
	struct sandbox *sandbox = sandbox_find(&daemon->sandboxes, id);

	if (err != NULL)
		log_error("not saved id=%s: %s", id, err->text);
	if (sandbox == NULL)
		return;
	if (what == WRITER_EVENTS)
		return;
	if (what == WRITER_EGRESS) {
		egress_saved(sandbox, err);
		review(sandbox);
		return;
	}
	if (err != NULL)
		waiters_answer(&sandbox->waiters, WAITER_SAVED, sandbox, err);
	if (err != NULL && !sandbox->resize.is_applying)
		waiters_answer(&sandbox->waiters, WAITER_RESIZE, sandbox, err);
	if (durability == REGISTRY_LAZY &&
	    (what == WRITER_INSERT || what == WRITER_UPDATE)) {
		/* Without its first row it cannot be. */
		if (err != NULL && what == WRITER_INSERT)
			on_event(sandbox, EVENT_UNSAVED, err);
		return;
	}
	if (--sandbox->n_saving == 0)
		on_event(sandbox, err != NULL ? EVENT_UNSAVED : EVENT_SAVED,
		    err);
}

/* Adds who asks, unless the event is none of its state. */
static int
ask(struct sandbox *sandbox, enum waiter_kind kind, enum machine_event event,
    const struct asker *asker, struct err *err)
{
	struct machine_step step;
	int r;

	if (!machine_step(sandbox->record.state, event, &step)) {
		asker->release(asker->owner);
		return sandbox_refuse(sandbox, err);
	}
	if (step.next != sandbox->record.state)
		chronicle_blame(sandbox, asker->whose);
	r = waiters_add(&sandbox->waiters, kind, asker, err);
	if (r == 0)
		raise_event(sandbox, event, NULL);
	return r;
}

/* Whether it will take a resume, a wake or a start before anybody is let in. */
static bool
is_away(enum sandbox_state state)
{
	switch (state) {
	case SANDBOX_PAUSING:
	case SANDBOX_PAUSED:
	case SANDBOX_ROUSING:
	case SANDBOX_SUSPENDING:
	case SANDBOX_STOPPING:
	case SANDBOX_RESTORING:
	case SANDBOX_SUSPENDED:
	case SANDBOX_CLEANING:
	case SANDBOX_CLEANED:
		return true;
	default:
		return false;
	}
}

static int
refuse_away(const struct sandbox *sandbox, const struct asker *asker,
    struct err *err)
{
	const struct sandbox_record *record = &sandbox->record;

	asker->release(asker->owner);
	err_set(err, EBUSY, "%s is %s, and its auto_resume is off: "
	    "resume it first", record->id, sandbox_state_name(record->state));
	return err_cause(err, "auto_resume");
}

int
lifecycle_attach(struct sandbox *sandbox, const struct asker *asker,
    struct err *err)
{
	if (is_away(sandbox->record.state) && !sandbox->record.auto_resume)
		return refuse_away(sandbox, asker, err);
	expiry_touch(sandbox, "attach");
	return ask(sandbox, WAITER_ATTACH, EVENT_ATTACH, asker, err);
}

int
lifecycle_kill(struct sandbox *sandbox, const struct asker *asker,
    struct err *err)
{
	int r = 0;

	if (sandbox->record.state != SANDBOX_RUNNING)
		r = sandbox_refuse(sandbox, err);
	if (r == 0)
		r = contact_kill(sandbox, err);
	if (r == 0)
		chronicle_tell(sandbox, EVENT_KIND_KILLED, asker->whose, "");
	if (r == 0)
		return waiters_add(&sandbox->waiters, WAITER_KILL, asker, err);
	asker->release(asker->owner);
	return r;
}

int
lifecycle_set_egress(struct sandbox *sandbox, struct rpc_bytes list,
    const struct asker *asker, struct err *err)
{
	int r = 0;

	if (!sandbox_state_is_at_rest(sandbox->record.state))
		r = sandbox_refuse(sandbox, err);
	if (r == 0)
		r = egress_prepare(sandbox, err);
	if (r < 0) {
		asker->release(asker->owner);
		return r;
	}
	chronicle_blame(sandbox, asker->whose);
	r = waiters_add(&sandbox->waiters, WAITER_EGRESS, asker, err);
	if (r < 0)
		return r;
	chronicle_note(sandbox, EVENT_KIND_CHANGED, "egress");
	egress_save(sandbox, list);
	review(sandbox);
	return 0;
}

int
lifecycle_destroy(struct sandbox *sandbox, const char *whose,
    const struct asker *asker, struct err *err)
{
	set_cause(sandbox, "destroyed by ", whose);
	return ask(sandbox, WAITER_DESTROY, EVENT_DESTROY, asker, err);
}

int
lifecycle_resume(struct sandbox *sandbox, bool is_access,
    const struct asker *asker, struct err *err)
{
	if (is_access)
		return lifecycle_attach(sandbox, asker, err);
	expiry_touch(sandbox, "resume");
	return ask(sandbox, WAITER_ATTACH, EVENT_RESUME, asker, err);
}

int
lifecycle_rest(struct sandbox *sandbox, enum machine_event event,
    const char *whose, const struct asker *asker, struct err *err)
{
	const bool is_pause = event == EVENT_PAUSE;
	struct machine_step step;

	/* The reason of a state that it is in already stays. */
	if (machine_step(sandbox->record.state, event, &step) &&
	    step.next != sandbox->record.state)
		sandbox_set_reason(sandbox, is_pause ? "paused by " :
		    "suspended by ", whose);
	return ask(sandbox, is_pause ? WAITER_PAUSE : WAITER_SUSPEND, event,
	    asker, err);
}

int
lifecycle_restore(struct sandbox *sandbox,
    const struct sandbox_source *snapshot, const char *whose,
    const struct asker *asker, struct err *err)
{
	const enum sandbox_state state = sandbox->record.state;
	const bool is_up = state == SANDBOX_RUNNING || state == SANDBOX_PAUSED;

	if (!sandbox_state_is_at_rest(state)) {
		asker->release(asker->owner);
		return sandbox_refuse(sandbox, err);
	}
	sandbox->source = *snapshot;
	sandbox->source.is_wanted = true;
	if (!is_up)
		return ask(sandbox, WAITER_RESTORE, EVENT_RESTORE, asker, err);
	sandbox_set_reason(sandbox, "restored by ", whose);
	return ask(sandbox, WAITER_ATTACH, EVENT_SUSPEND, asker, err);
}

/* Saved for who waits for that; the asker is released on an error. */
static int
save_for(struct sandbox *sandbox, const struct asker *asker, struct err *err)
{
	int r = waiters_add(&sandbox->waiters, WAITER_SAVED, asker, err);

	if (r < 0)
		return r;
	if (action_save(sandbox, REGISTRY_DURABLE, err) < 0)
		waiters_answer(&sandbox->waiters, WAITER_SAVED, sandbox, err);
	else
		review(sandbox);
	return 0;
}

int
lifecycle_renew(struct sandbox *sandbox, uint64_t duration_s,
    const struct asker *asker, struct err *err)
{
	const struct sandbox_record *record = &sandbox->record;
	const bool was_over = expiry_has_paused(sandbox);
	const bool is_paused = sandbox_state_kept(record->state) ==
	    SANDBOX_PAUSED;

	if (!is_paused && sandbox_state_kept(record->state) !=
	    SANDBOX_RUNNING) {
		asker->release(asker->owner);
		err_set(err, EBUSY, "%s is %s: it has no time to renew",
		    record->id, sandbox_state_name(record->state));
		return err_cause(err, sandbox_state_name(record->state));
	}
	expiry_renew(sandbox, duration_s);
	expiry_touch(sandbox, "refresh");
	if (is_paused && was_over && record->auto_resume)
		return ask(sandbox, WAITER_ATTACH, EVENT_RESUME, asker, err);
	return save_for(sandbox, asker, err);
}

int
lifecycle_change(struct sandbox *sandbox, bool is_renewed,
    const struct asker *asker, struct err *err)
{
	if (is_renewed)
		expiry_change(sandbox);
	chronicle_blame(sandbox, asker->whose);
	chronicle_note(sandbox, EVENT_KIND_CHANGED, is_renewed ? "time" :
	    "auto_resume");
	return save_for(sandbox, asker, err);
}
