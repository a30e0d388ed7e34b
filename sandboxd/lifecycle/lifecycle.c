// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/lifecycle.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "sandboxd/door/sandbox_info.h"
#include "sandboxd/door/watch.h"
#include "sandboxd/lifecycle/contact.h"
#include "sandboxd/lifecycle/ephemeral.h"

enum waiter_kind { WAITER_CREATE, WAITER_ATTACH, WAITER_DESTROY,
	N_WAITER_KINDS };

struct waiter {
	struct waiter *next;
	enum waiter_kind kind;
	struct peer *peer; /* referenced */
	uint32_t request_id;
};

static const struct rpc_call *const waiter_calls[N_WAITER_KINDS] = {
    [WAITER_CREATE] = &rpc_call_sandbox_create,
    [WAITER_ATTACH] = &rpc_call_sandbox_attach,
    [WAITER_DESTROY] = &rpc_call_sandbox_destroy,
};

static void advance(struct sandbox *sandbox);

static int
add_waiter(struct sandbox *sandbox, enum waiter_kind kind, struct peer *peer,
    uint32_t request_id, struct err *err)
{
	struct waiter *waiter, **last = &sandbox->waiters;
	unsigned n = 0;

	for (; *last != NULL; last = &(*last)->next)
		n++;
	if (n >= WAITERS_MAX)
		return err_set(err, EAGAIN, "%u requests wait for %s already",
		    n, sandbox->record.id);
	if ((waiter = calloc(1, sizeof *waiter)) == NULL)
		return err_set(err, ENOMEM, "no memory");
	waiter->kind = kind;
	waiter->peer = peer;
	waiter->request_id = request_id;
	peer_ref(peer);
	*last = waiter;
	return 0;
}

static void
answer_attach(struct sandbox *sandbox, const struct waiter *waiter)
{
	static const struct rpc_sandbox_attach_rep reply;
	auto_close int fd = -1;
	struct err err = {0};

	if (contact_open(sandbox, &waiter->peer->capability, &fd, &err) < 0) {
		peer_error(waiter->peer, &rpc_call_sandbox_attach,
		    waiter->request_id, &err);
		return;
	}
	peer_reply(waiter->peer, &rpc_call_sandbox_attach, waiter->request_id,
	    &reply, &fd, 1);
}

static void
answer_created(struct sandbox *sandbox, const struct waiter *waiter)
{
	uint8_t buffer[4096];
	struct rpc_sandbox_create_rep reply = {.sandbox = {.data = buffer}};
	ptrdiff_t n = sandbox_info_encode(sandbox, buffer, sizeof buffer);

	if (n < 0) {
		struct err err = {0};

		err_set(&err, (int)-n, "%s: too large to tell",
		    sandbox->record.id);
		peer_error(waiter->peer, &rpc_call_sandbox_create,
		    waiter->request_id, &err);
		return;
	}
	reply.sandbox.size = (uint32_t)n;
	peer_reply(waiter->peer, &rpc_call_sandbox_create, waiter->request_id,
	    &reply, NULL, 0);
}

/* Answers all waiters of a kind: with the error, or well where it is NULL. */
static void
answer(struct sandbox *sandbox, enum waiter_kind kind, const struct err *err)
{
	static const struct rpc_sandbox_destroy_rep destroyed;
	struct waiter **next = &sandbox->waiters;

	while (*next != NULL) {
		struct waiter *waiter = *next;

		if (waiter->kind != kind) {
			next = &waiter->next;
			continue;
		}
		*next = waiter->next;
		if (err != NULL)
			peer_error(waiter->peer, waiter_calls[kind],
			    waiter->request_id, err);
		else if (kind == WAITER_ATTACH)
			answer_attach(sandbox, waiter);
		else if (kind == WAITER_CREATE)
			answer_created(sandbox, waiter);
		else
			peer_reply(waiter->peer, waiter_calls[kind],
			    waiter->request_id, &destroyed, NULL, 0);
		peer_unref(waiter->peer);
		free(waiter);
	}
}

static bool
has_waiter(const struct sandbox *sandbox, enum waiter_kind kind)
{
	for (const struct waiter *w = sandbox->waiters; w != NULL; w = w->next)
		if (w->kind == kind)
			return true;
	return false;
}

/* A registry that cannot be written to is logged; the sandbox goes on. */
static int
save(struct sandbox *sandbox, enum registry_durability durability,
    struct err *err)
{
	int r = registry_update(sandbox->daemon->registry, &sandbox->record,
	    durability, err);

	if (r < 0)
		log_error("not saved id=%s: %s", sandbox->record.id,
		    err->text);
	return r;
}

static int
submit(struct sandbox *sandbox, enum job_kind kind, struct err *err)
{
	const struct sandbox_record *record = &sandbox->record;
	struct job job = {.kind = kind, .slot = record->slot,
	    .limits = {.memory_bytes = record->memory_limit_bytes,
		.pids = record->pids_limit,
		.cpu_millis = record->cpu_limit_millis},
	    .disk_limit_bytes = record->disk_limit_bytes};
	int r;

	assert(sandbox->job == JOB_NONE);
	snprintf(job.id, sizeof job.id, "%s", record->id);
	snprintf(job.template_name, sizeof job.template_name, "%s",
	    record->template_name);
	r = worker_pool_submit(sandbox->daemon->workers, &job, err);
	if (r == 0)
		sandbox->job = kind;
	else
		log_error("no job id=%s: %s", record->id, err->text);
	return r;
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
	sandbox->is_starting = sandbox->is_ready = false;
}

/* Says why it ends; the first reason stands. */
static void
set_cause(struct sandbox *sandbox, const char *why, const char *whose)
{
	struct sandbox_record *record = &sandbox->record;

	if (record->ended_ms != 0)
		return;
	record->ended_ms = clock_unix_ms();
	snprintf(record->cause, sizeof record->cause, "%s%.256s", why, whose);
}

static void
begin_destroy(struct sandbox *sandbox)
{
	struct err err = {0};

	if (sandbox->record.state != SANDBOX_DESTROYING) {
		sandbox_move(sandbox, SANDBOX_DESTROYING);
		watch_tell(sandbox);
		forget_process(sandbox);
	}
	/* Durable, or a half-removed disk could come back with the power. */
	if (save(sandbox, REGISTRY_DURABLE, &err) < 0 ||
	    submit(sandbox, JOB_DESTROY, &err) < 0) {
		sandbox->is_destroy_wanted = false;
		answer(sandbox, WAITER_DESTROY, &err);
	}
}

/* A start that failed leaves the disk; a create leaves nothing. */
static void
give_up_start(struct sandbox *sandbox, const struct err *why)
{
	struct err err = {0};

	log_error("no init id=%s: %s", sandbox->record.id, why->text);
	sandbox->failure = *why;
	forget_process(sandbox);
	if (sandbox->record.state == SANDBOX_CREATING) {
		sandbox_move(sandbox, SANDBOX_FAILED);
		watch_tell(sandbox);
		set_cause(sandbox, "failed: ", why->text);
		advance(sandbox);
		return;
	}
	if (sandbox->record.state == SANDBOX_RUNNING)
		sandbox_move(sandbox, SANDBOX_SUSPENDED);
	save(sandbox, REGISTRY_LAZY, &err);
	submit(sandbox, JOB_STOP, &err);
}

/* Does what its state, its waiters and nobody else ask for. */
static void
advance(struct sandbox *sandbox)
{
	struct err err = {0};

	if (sandbox->job != JOB_NONE || sandbox->is_starting)
		return;
	switch (sandbox->record.state) {
	case SANDBOX_FAILED:
	case SANDBOX_DESTROYING:
		begin_destroy(sandbox);
		return;
	case SANDBOX_RUNNING:
		if (sandbox->is_destroy_wanted)
			begin_destroy(sandbox);
		else if (sandbox->is_ready)
			answer(sandbox, WAITER_ATTACH, NULL);
		return;
	case SANDBOX_SUSPENDED:
		if (sandbox->is_destroy_wanted)
			begin_destroy(sandbox);
		else if (has_waiter(sandbox, WAITER_ATTACH) &&
		    submit(sandbox, JOB_START, &err) < 0)
			answer(sandbox, WAITER_ATTACH, &err);
		return;
	case SANDBOX_CREATING:
	case N_SANDBOX_STATES:
		return;
	}
}

static int
on_init_died(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct sandbox *sandbox = data;
	const bool was_ready = sandbox->is_ready;
	struct err err = {0};

	(void)source;
	(void)fd;
	(void)events;
	err_set(&err, ESRCH, "init died");
	give_up_start(sandbox, &err);
	if (was_ready)
		sandbox->failure.code = 0;
	return 0;
}

/* Watches and speaks to an init whose pid the record has. */
static int
take_up(struct sandbox *sandbox, int pid_fd, struct err *err)
{
	int r;

	sandbox->pid_fd = pid_fd;
	r = sd_event_add_io(sandbox->daemon->event, &sandbox->pid_source,
	    pid_fd, EPOLLIN, on_init_died, sandbox);
	if (r < 0)
		return err_set(err, -r, "watch init: %s", strerror(-r));
	sandbox->is_starting = true;
	return contact_begin(sandbox, err);
}

/*
 * The row says "running" as soon as init lives, so that whoever comes after a
 * crash adopts it; we say so when it has answered. The fsync of that row
 * happens while init does its work.
 */
static void
started(struct sandbox *sandbox, const struct job_result *result, int pid_fd)
{
	struct sandbox_record *record = &sandbox->record;
	struct err err = {0};
	enum sandbox_state state = record->state;
	int r;

	record->pid = result->pid;
	record->start_ticks = result->start_ticks;
	snprintf(record->boot_id, sizeof record->boot_id, "%s",
	    sandbox->daemon->boot_id);
	r = take_up(sandbox, pid_fd, &err);
	if (r == 0) {
		record->state = SANDBOX_RUNNING;
		r = save(sandbox, REGISTRY_DURABLE, &err);
		record->state = state;
	}
	if (r < 0)
		give_up_start(sandbox, &err);
}

static void
destroyed(struct sandbox *sandbox, const struct err *result)
{
	struct daemon *daemon = sandbox->daemon;
	struct err gone = {0}, err = {0};

	if (result->code != 0) {
		log_error("destroy failed id=%s: %s", sandbox->record.id,
		    result->text);
		sandbox->is_destroy_wanted = false;
		answer(sandbox, WAITER_CREATE, &sandbox->failure);
		answer(sandbox, WAITER_DESTROY, result);
		return;
	}
	/* Lazy: a row that comes back says "destroying" and goes again. */
	if (registry_delete(daemon->registry, sandbox->record.id,
	    REGISTRY_LAZY, &err) < 0)
		log_error("row stays id=%s: %s", sandbox->record.id, err.text);
	err_set(&gone, ENOENT, "no such sandbox");
	answer(sandbox, WAITER_ATTACH, &gone);
	answer(sandbox, WAITER_CREATE, &sandbox->failure);
	answer(sandbox, WAITER_DESTROY, NULL);
	log_info("sandbox gone id=%s org=%s", sandbox->record.id,
	    sandbox->record.org);
	sandbox_remove(&daemon->sandboxes, sandbox);
}

static void
stopped(struct sandbox *sandbox, const struct err *result)
{
	if (result->code != 0)
		log_error("remains of id=%s: %s", sandbox->record.id,
		    result->text);
	/* Who asked for the start that failed is told so; who came after an
	 * init died by itself has it started again. */
	if (sandbox->failure.code != 0)
		answer(sandbox, WAITER_ATTACH, &sandbox->failure);
	sandbox->failure.code = 0;
	advance(sandbox);
	ephemeral_review(sandbox);
}

void
lifecycle_job_done(const struct job *job, const struct job_result *result,
    int pid_fd, void *data)
{
	struct daemon *daemon = data;
	struct sandbox *sandbox = sandbox_find(&daemon->sandboxes, job->id);
	auto_close int owned_fd = pid_fd;

	assert(sandbox != NULL && sandbox->job == (enum job_kind)job->kind);
	sandbox->job = JOB_NONE;
	switch ((enum job_kind)job->kind) {
	case JOB_CREATE:
	case JOB_START:
		if (result->err.code != 0)
			give_up_start(sandbox, &result->err);
		else
			started(sandbox, result, take_fd(&owned_fd));
		return;
	case JOB_STOP:
		stopped(sandbox, &result->err);
		return;
	case JOB_DESTROY:
		destroyed(sandbox, &result->err);
		return;
	case JOB_COLLECT:
	case JOB_NONE:
	case N_JOB_KINDS:
		return;
	}
}

void
lifecycle_ready(struct sandbox *sandbox)
{
	sandbox->is_starting = false;
	sandbox->is_ready = true;
	if (sandbox->record.state != SANDBOX_RUNNING)
		sandbox_move(sandbox, SANDBOX_RUNNING);
	answer(sandbox, WAITER_CREATE, NULL);
	advance(sandbox);
	ephemeral_review(sandbox);
}

void
lifecycle_lost(struct sandbox *sandbox, const struct err *why)
{
	if (sandbox->is_starting) {
		give_up_start(sandbox, why);
		return;
	}
	/* It has been set up; attaches have connections of their own. */
	log_warn("control connection lost id=%s: %s", sandbox->record.id,
	    why->text);
	contact_end(sandbox);
	ephemeral_review(sandbox);
}

int
lifecycle_create(struct daemon *daemon, struct sandbox_record *record,
    struct peer *peer, uint32_t request_id, struct err *err)
{
	struct sandbox *sandbox;
	int r = sandbox_free_slot(&daemon->sandboxes, &record->slot, err);

	if (r < 0)
		return r;
	do
		sandbox_make_id(record->id);
	while (sandbox_find(&daemon->sandboxes, record->id) != NULL);
	record->state = SANDBOX_CREATING;
	if ((r = registry_insert(daemon->registry, record, REGISTRY_LAZY,
	    err)) < 0)
		return r;
	if ((r = sandbox_add(&daemon->sandboxes, record, daemon, &sandbox,
	    err)) < 0) {
		registry_delete(daemon->registry, record->id, REGISTRY_LAZY,
		    NULL);
		return r;
	}
	if ((r = add_waiter(sandbox, WAITER_CREATE, peer, request_id,
	    err)) < 0 || (r = submit(sandbox, JOB_CREATE, err)) < 0) {
		registry_delete(daemon->registry, sandbox->record.id,
		    REGISTRY_LAZY, NULL);
		lifecycle_forget_waiters(sandbox);
		sandbox_remove(&daemon->sandboxes, sandbox);
		return r;
	}
	watch_tell(sandbox);
	return 0;
}

int
lifecycle_attach(struct sandbox *sandbox, struct peer *peer,
    uint32_t request_id, struct err *err)
{
	int r = add_waiter(sandbox, WAITER_ATTACH, peer, request_id, err);

	if (r == 0)
		advance(sandbox);
	return r;
}

int
lifecycle_destroy(struct sandbox *sandbox, struct peer *peer,
    uint32_t request_id, struct err *err)
{
	int r = add_waiter(sandbox, WAITER_DESTROY, peer, request_id, err);

	if (r < 0)
		return r;
	set_cause(sandbox, "destroyed by ", peer_audit(peer));
	sandbox->is_destroy_wanted = true;
	advance(sandbox);
	return 0;
}

void
lifecycle_expire(struct sandbox *sandbox)
{
	set_cause(sandbox, "ephemeral, and nobody was connected", "");
	sandbox->is_destroy_wanted = true;
	advance(sandbox);
}

void
lifecycle_resume(struct sandbox *sandbox, int pid_fd, bool has_remains)
{
	struct err err = {0};

	switch (sandbox->record.state) {
	case SANDBOX_CREATING:
		err_set(&sandbox->failure, EINTR, "sandboxd was restarted");
		set_cause(sandbox, "failed: ", sandbox->failure.text);
		forget_process(sandbox);
		sandbox_move(sandbox, SANDBOX_FAILED);
		break;
	case SANDBOX_RUNNING:
		if (pid_fd < 0)
			err_set(&err, ESRCH, "init is gone");
		else if (take_up(sandbox, pid_fd, &err) == 0)
			return;
		give_up_start(sandbox, &err);
		sandbox->failure.code = 0;
		return;
	case SANDBOX_SUSPENDED:
		if (has_remains)
			submit(sandbox, JOB_STOP, &err);
		ephemeral_review(sandbox);
		return;
	case SANDBOX_FAILED:
	case SANDBOX_DESTROYING:
	case N_SANDBOX_STATES:
		break;
	}
	advance(sandbox);
}

void
lifecycle_forget_waiters(struct sandbox *sandbox)
{
	while (sandbox->waiters != NULL) {
		struct waiter *waiter = sandbox->waiters;

		sandbox->waiters = waiter->next;
		peer_unref(waiter->peer);
		free(waiter);
	}
}
