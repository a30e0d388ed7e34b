// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/actions.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/fd.h"
#include "common/log.h"
#include "sandboxd/lifecycle/actions_of.h"
#include "sandboxd/lifecycle/ceiling.h"
#include "sandboxd/lifecycle/chronicle_write.h"
#include "sandboxd/lifecycle/contact.h"
#include "sandboxd/lifecycle/expiry.h"
#include "sandboxd/lifecycle/pool.h"
#include "sandboxd/template/templates.h"

/* Between the end of the time init has and that of our patience with it. */
#define GRACE_MARGIN_MS 500

static enum machine_event
nothing(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	(void)sandbox;
	(void)why;
	(void)ret_why;
	return N_MACHINE_EVENTS;
}

enum machine_event
action_write(struct sandbox *sandbox, enum writer_what what,
    enum registry_durability durability, struct err *ret_why)
{
	struct sandbox_record record = sandbox->record;

	record.state = sandbox_state_kept(record.state);
	if (chronicle_write(sandbox, what, &record, durability, ret_why) < 0)
		return EVENT_UNSAVED;
	if (durability == REGISTRY_DURABLE || what != WRITER_UPDATE)
		sandbox->n_saving++;
	return N_MACHINE_EVENTS;
}

int
action_save(struct sandbox *sandbox, enum registry_durability durability,
    struct err *err)
{
	struct err now = {0};

	if (action_write(sandbox, WRITER_UPDATE, durability, &now) ==
	    N_MACHINE_EVENTS)
		return 0;
	return err_set(err, now.code, "%s", now.text);
}

int
action_submit(const struct sandbox *sandbox, enum job_kind kind,
    struct err *err)
{
	const struct sandbox_record *record = &sandbox->record;
	not_cleared struct job job;
	struct rpc_bytes ceiling;
	int r;

	job_clear(&job);
	job.kind = kind;
	job.slot = record->slot;
	job.pid = record->pid;
	job.start_ticks = record->start_ticks;
	job.boot = sandbox->pooled.boot;
	job.limits = (struct cgroup_limits){
	    .memory_bytes = record->memory_limit_bytes,
	    .pids = record->pids_limit,
	    .cpu_millis = record->cpu_limit_millis};
	job.disk_limit_bytes = record->disk_limit_bytes;
	job.is_nesting = record->is_nesting;
	snprintf(job.id, sizeof job.id, "%s", record->id);
	snprintf(job.org, sizeof job.org, "%s", record->org);
	snprintf(job.disks, sizeof job.disks, "%s", record->disks);
	snprintf(job.template_name, sizeof job.template_name, "%s",
	    record->template_name);
	if (kind == JOB_CREATE || kind == JOB_RESTORE) {
		snprintf(job.source, sizeof job.source, "%s",
		    sandbox->source.id);
		job.source_limit_bytes = sandbox->source.limit_bytes;
	}
	ceiling = ceiling_of(sandbox->daemon, record->org);
	job.ceiling_size = ceiling.size;
	job.blob_size = record->egress_size + ceiling.size;
	if (record->egress_size > 0)
		memcpy(job.blob, record->egress, record->egress_size);
	if (ceiling.size > 0)
		memcpy(job.blob + record->egress_size, ceiling.data,
		    ceiling.size);
	if ((kind == JOB_CREATE || kind == JOB_START) &&
	    (r = templates_fill_job(sandbox->daemon, record, &job, err)) < 0)
		return r;
	return worker_pool_submit(sandbox->daemon->workers, &job, err);
}

enum machine_event
action_job(const struct sandbox *sandbox, enum job_kind kind,
    struct err *ret_why)
{
	return action_submit(sandbox, kind, ret_why) < 0 ? EVENT_JOB_FAILED :
	    N_MACHINE_EVENTS;
}

void
action_blame_host(struct err *failure)
{
	switch (failure->code) {
	case EAGAIN:
	case ECONNREFUSED:
	case ECONNRESET:
	case EDQUOT:
	case EIO:
	case ENOMEM:
	case ENOSPC:
	case EPIPE:
	case ETIMEDOUT:
		break;
	default:
		failure->code = ENOTCONN;
		break;
	}
	if (failure->cause[0] == '\0')
		(void)err_cause(failure, "not_started");
}

void
action_forget_process(struct sandbox *sandbox)
{
	contact_end(sandbox);
	clock_disarm(&sandbox->daemon->clock, &sandbox->grace);
	sandbox->pid_source =
	    sd_event_source_disable_unref(sandbox->pid_source);
	fd_close(&sandbox->pid_fd);
	sandbox->record.pid = 0;
	sandbox->record.start_ticks = 0;
	sandbox->oom_kills = 0;
	sandbox->chronicle.oom_told = 0;
	sandbox->chronicle.is_found = false;
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
	err_set(&err, ENOTCONN, "init died");
	if (sandbox->record.state == SANDBOX_RUNNING)
		chronicle_blame(sandbox, NULL);
	sandbox->daemon->on_event(sandbox, EVENT_DIED, &err);
	return 0;
}

static enum machine_event
watch(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	int r = sd_event_add_io(sandbox->daemon->event, &sandbox->pid_source,
	    sandbox->pid_fd, EPOLLIN, on_init_died, sandbox);

	(void)why;
	if (r >= 0)
		return N_MACHINE_EVENTS;
	err_set(ret_why, -r, "watch init: %s", strerror(-r));
	return EVENT_SILENT;
}

static enum machine_event
adopt(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	enum machine_event event = watch(sandbox, why, ret_why);

	if (event == N_MACHINE_EVENTS && contact_begin(sandbox, ret_why) < 0)
		event = EVENT_SILENT;
	return event;
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

	sandbox->record.reason[0] = '\0';
	expiry_begin(sandbox);
	chronicle_note_state(sandbox);
	return event != N_MACHINE_EVENTS ? event : action_write(sandbox,
	    WRITER_UPDATE, REGISTRY_DURABLE, ret_why);
}

static enum machine_event
confirm(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	(void)why;
	(void)ret_why;
	return sandbox->n_saving == 0 ? EVENT_SAVED : N_MACHINE_EVENTS;
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

/* A fork is in the log of what it was made of, once it runs. */
static void
tell_source(struct sandbox *sandbox)
{
	struct sandbox *source = sandbox->source.id[0] == '\0' ? NULL :
	    sandbox_find(&sandbox->daemon->sandboxes, sandbox->source.id);

	if (source != NULL)
		chronicle_tell(source, EVENT_KIND_FORKED,
		    sandbox->chronicle.actor, sandbox->record.id);
	sandbox->source = (struct sandbox_source){0};
}

static enum machine_event
welcome(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	sandbox->failure.code = 0;
	sandbox->record.cause[0] = '\0';
	expiry_complete(sandbox);
	tell_source(sandbox);
	chronicle_note_state(sandbox);
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
	/* It has been set up; attaches have connections of their own. Who was
	 * asked to end hangs up first. */
	if (sandbox->record.state != SANDBOX_SUSPENDING)
		log_warn("control connection lost id=%s: %s",
		    sandbox->record.id, why->text);
	contact_end(sandbox);
	return N_MACHINE_EVENTS;
}

static enum machine_event
start(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	(void)why;
	return action_job(sandbox, JOB_START, ret_why);
}

/* The write is lazy: a row that says it runs is found to be dead as well. */
static enum machine_event
stop(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	action_forget_process(sandbox);
	sandbox->failure.code = 0;
	if (sandbox->record.reason[0] == '\0' && why != NULL) {
		log_error("no init id=%s: %s", sandbox->record.id, why->text);
		sandbox_set_reason(sandbox, "", why->text);
	}
	chronicle_note_state(sandbox);
	(void)action_write(sandbox, WRITER_UPDATE, REGISTRY_LAZY, ret_why);
	return action_job(sandbox, JOB_STOP, ret_why);
}

static enum machine_event
give_up(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	struct err failure = *why;
	enum machine_event event;

	action_blame_host(&failure);
	log_error("not started id=%s: %s", sandbox->record.id, why->text);
	sandbox_set_reason(sandbox, "it did not start: ", why->text);
	event = stop(sandbox, why, ret_why);
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
	if (sandbox->source.is_wanted)
		return EVENT_RESTORE;
	if (sandbox->failure.code != 0)
		waiters_answer(&sandbox->waiters, WAITER_ATTACH, sandbox,
		    &sandbox->failure);
	sandbox->failure.code = 0;
	if (!waiters_have(&sandbox->waiters, WAITER_ATTACH))
		return N_MACHINE_EVENTS;
	chronicle_blame(sandbox, waiters_whose(&sandbox->waiters,
	    WAITER_ATTACH));
	return EVENT_ATTACH;
}

static enum machine_event
exchange(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	(void)why;
	sandbox->source.is_wanted = false;
	return action_job(sandbox, JOB_RESTORE, ret_why);
}

/* On its old disk, where that went wrong; nobody starts it on that. */
static enum machine_event
restored(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	if (why == NULL)
		chronicle_tell(sandbox, EVENT_KIND_RESTORED,
		    sandbox->chronicle.actor, sandbox->source.id);
	sandbox->source = (struct sandbox_source){0};
	waiters_answer(&sandbox->waiters, WAITER_RESTORE, sandbox, why);
	if (why != NULL) {
		sandbox->failure = *why;
		action_blame_host(&sandbox->failure);
	}
	return rest(sandbox, NULL, ret_why);
}

static enum machine_event
freeze(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	(void)why;
	return action_job(sandbox, JOB_FREEZE, ret_why);
}

static enum machine_event
desist(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	log_error("not paused id=%s: %s", sandbox->record.id, why->text);
	sandbox->record.reason[0] = '\0';
	expiry_put_off(sandbox);
	waiters_answer(&sandbox->waiters, WAITER_PAUSE, sandbox, why);
	return admit(sandbox, NULL, ret_why);
}

static enum machine_event
keep(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	enum machine_event event;

	(void)why;
	if (sandbox->record.state == SANDBOX_PAUSED)
		expiry_paused(sandbox);
	chronicle_note_state(sandbox);
	event = action_write(sandbox, WRITER_UPDATE, REGISTRY_DURABLE, ret_why);
	if (event != N_MACHINE_EVENTS ||
	    !waiters_have(&sandbox->waiters, WAITER_ATTACH))
		return event;
	chronicle_blame(sandbox, waiters_whose(&sandbox->waiters,
	    WAITER_ATTACH));
	return EVENT_RESUME;
}

static enum machine_event
thaw(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	(void)why;
	return action_job(sandbox, JOB_THAW, ret_why);
}

/* What it did not hear while it was frozen, or could not be asked by a sandboxd
 * that found it so, it is told now. Nobody waits for that. */
static enum machine_event
greet(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	struct err err = {0};

	sandbox->record.reason[0] = '\0';
	expiry_begin(sandbox);
	chronicle_note_state(sandbox);
	(void)action_write(sandbox, WRITER_UPDATE, REGISTRY_LAZY, ret_why);
	if (!contact_is_open(sandbox) && contact_begin(sandbox, &err) < 0)
		log_warn("no control connection id=%s: %s",
		    sandbox->record.id, err.text);
	return welcome(sandbox, why, ret_why);
}

static void
on_late(void *data)
{
	struct sandbox *sandbox = data;

	log_info("processes of id=%s have not ended; they are killed",
	    sandbox->record.id);
	sandbox->daemon->on_event(sandbox, EVENT_LATE, NULL);
}

/* init ends all others, and itself; how long it may take is told with the
 * signal (sandboxd/init/init.c). */
static enum machine_event
end(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	const uint64_t grace_ms =
	    sandbox->daemon->settings.suspend_grace_s * 1000;
	siginfo_t info = {.si_signo = SIGTERM, .si_code = SI_QUEUE};

	(void)why;
	info.si_value.sival_int = (int)grace_ms;
	if (syscall(SYS_pidfd_send_signal, sandbox->pid_fd, SIGTERM, &info,
	    0) < 0)
		return EVENT_DIED;
	sandbox->grace.fire = on_late;
	sandbox->grace.data = sandbox;
	if (clock_arm(&sandbox->daemon->clock, &sandbox->grace,
	    grace_ms + GRACE_MARGIN_MS) == 0)
		return N_MACHINE_EVENTS;
	err_set(ret_why, ENOMEM, "no timer");
	return EVENT_LATE;
}

/* Durable, or the next sandboxd would take it for one that may be started. */
static enum machine_event
wipe(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	(void)why;
	action_forget_process(sandbox);
	chronicle_note_state(sandbox);
	if (action_write(sandbox, WRITER_UPDATE, REGISTRY_DURABLE, ret_why) !=
	    N_MACHINE_EVENTS)
		log_error("not saved id=%s: %s", sandbox->record.id,
		    ret_why->text);
	return action_job(sandbox, JOB_STOP, ret_why);
}

static enum machine_event
prepare(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	enum machine_event event = watch(sandbox, why, ret_why);

	if (event == N_MACHINE_EVENTS &&
	    contact_prepare(sandbox, ret_why) < 0)
		event = EVENT_SILENT;
	return event;
}

static enum machine_event
shelve(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	(void)why;
	(void)ret_why;
	log_debug("pool: id=%s waits", sandbox->record.id);
	pool_made(sandbox->daemon);
	return N_MACHINE_EVENTS;
}

static enum machine_event
stock(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	enum machine_event event = watch(sandbox, why, ret_why);

	return event != N_MACHINE_EVENTS ? event :
	    shelve(sandbox, why, ret_why);
}

/* From here on it is as one whose create has just been submitted: what becomes
 * of the blank's process is the worker's to find out. */
static enum machine_event
complete(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	struct err unsaved = {0};
	enum machine_event event = action_job(sandbox, JOB_CREATE, ret_why);

	(void)why;
	action_forget_process(sandbox);
	if (chronicle_write(sandbox, WRITER_INSERT, &sandbox->record,
	    REGISTRY_LAZY, &unsaved) == 0 || event != N_MACHINE_EVENTS)
		return event;
	*ret_why = unsaved;
	return EVENT_UNSAVED;
}

static enum machine_event
fit(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	(void)why;
	return action_job(sandbox, JOB_FIT, ret_why);
}

/* As TAKE_UP, with an init that is known. The row is its first. */
static enum machine_event
hand_out(struct sandbox *sandbox, const struct err *why, struct err *ret_why)
{
	enum machine_event event;

	(void)why;
	expiry_begin(sandbox);
	chronicle_note_state(sandbox);
	event = action_write(sandbox, WRITER_INSERT, REGISTRY_DURABLE, ret_why);
	if (event == N_MACHINE_EVENTS && contact_set_up(sandbox, ret_why) < 0)
		event = EVENT_SILENT;
	return event;
}

static perform_fn *const performers[N_MACHINE_ACTIONS] = {
    [ACTION_NOTHING] = nothing,
    [ACTION_TAKE_UP] = take_up,
    [ACTION_ADOPT] = adopt,
    [ACTION_CONFIRM] = confirm,
    [ACTION_WELCOME] = welcome,
    [ACTION_ADMIT] = admit,
    [ACTION_RENEGE] = renege,
    [ACTION_LOSE] = lose,
    [ACTION_START] = start,
    [ACTION_STOP] = stop,
    [ACTION_GIVE_UP] = give_up,
    [ACTION_REST] = rest,
    [ACTION_CONDEMN] = action_condemn,
    [ACTION_REMOVE] = action_remove,
    [ACTION_BALK] = action_balk,
    [ACTION_BURY] = action_bury,
    [ACTION_FORGET] = action_forget,
    [ACTION_FREEZE] = freeze,
    [ACTION_DESIST] = desist,
    [ACTION_KEEP] = keep,
    [ACTION_WATCH] = watch,
    [ACTION_THAW] = thaw,
    [ACTION_GREET] = greet,
    [ACTION_END] = end,
    [ACTION_EXCHANGE] = exchange,
    [ACTION_RESTORED] = restored,
    [ACTION_WIPE] = wipe,
    [ACTION_PREPARE] = prepare,
    [ACTION_SHELVE] = shelve,
    [ACTION_STOCK] = stock,
    [ACTION_COMPLETE] = complete,
    [ACTION_FIT] = fit,
    [ACTION_HAND_OUT] = hand_out,
    [ACTION_DISCARD] = action_discard,
    [ACTION_DROP] = action_drop,
};

enum machine_event
action_perform(struct sandbox *sandbox, enum machine_action action,
    const struct err *why, struct err *ret_why)
{
	return performers[action](sandbox, why, ret_why);
}
