// SPDX-License-Identifier: Apache-2.0
/* How a sandbox comes into the table, and to its owner: lifecycle.h's first. */
#include <stdio.h>
#include <string.h>

#include "sandboxd/lifecycle/actions.h"
#include "sandboxd/lifecycle/ceiling.h"
#include "sandboxd/lifecycle/chronicle_write.h"
#include "sandboxd/lifecycle/lifecycle.h"
#include "sandboxd/lifecycle/pool.h"

int
lifecycle_add(struct daemon *daemon, struct sandbox_record *record,
    struct sandbox **ret, struct err *err)
{
	int r = sandbox_free_slot(&daemon->sandboxes, &record->slot, err);

	if (r < 0)
		return r;
	do
		sandbox_make_id(record->id);
	while (sandbox_find(&daemon->sandboxes, record->id) != NULL);
	r = sandbox_add(&daemon->sandboxes, record, daemon, ret, err);
	if (r == 0)
		lifecycle_prepare(*ret);
	return r;
}

static void
note_birth(struct sandbox *sandbox, const struct asker *asker)
{
	char cause[SANDBOX_ID_SIZE + 16] = "";

	if (sandbox->source.id[0] != '\0')
		snprintf(cause, sizeof cause, "a fork of %s",
		    sandbox->source.id);
	chronicle_blame(sandbox, asker->whose);
	chronicle_note(sandbox, EVENT_KIND_CREATED, cause);
}

/* From no sandbox at all. */
static int
create(struct daemon *daemon, struct sandbox_record *record,
    const struct sandbox_source *source, const struct asker *asker,
    struct err *err)
{
	struct sandbox *sandbox;
	struct err failure = {0};
	int r;

	record->state = SANDBOX_CREATING;
	r = lifecycle_add(daemon, record, &sandbox, err);
	if (r < 0) {
		asker->release(asker->owner);
		return r;
	}
	if (source != NULL)
		sandbox->source = *source;
	note_birth(sandbox, asker);
	r = waiters_add(&sandbox->waiters, WAITER_CREATE, asker, err);
	if (r == 0)
		r = chronicle_write(sandbox, WRITER_INSERT, &sandbox->record,
		    REGISTRY_LAZY, err);
	if (r < 0) {
		sandbox_remove(&daemon->sandboxes, sandbox);
		return r;
	}
	/* There is a row from here on: what fails is undone step by step. */
	daemon->on_there(sandbox);
	if (action_submit(sandbox, JOB_CREATE, &failure) < 0)
		daemon->on_event(sandbox, EVENT_JOB_FAILED, &failure);
	return 0;
}

static bool
is_made_so(const struct daemon *daemon, const struct sandbox_record *made,
    const struct sandbox_record *wanted)
{
	return wanted->egress_size == 0 &&
	    ceiling_of(daemon, wanted->org).size == 0 &&
	    made->memory_limit_bytes == wanted->memory_limit_bytes &&
	    made->pids_limit == wanted->pids_limit &&
	    made->cpu_limit_millis == wanted->cpu_limit_millis &&
	    made->disk_limit_bytes == wanted->disk_limit_bytes;
}

/* What was made keeps what it was made by; all else is as it is wanted. */
static void
give(struct sandbox *sandbox, struct sandbox_record *wanted)
{
	const struct sandbox_record made = sandbox->record;
	struct sandbox_record *record = &sandbox->record;

	*record = *wanted;
	wanted->env = wanted->egress = NULL;
	memcpy(record->id, made.id, sizeof record->id);
	memcpy(record->boot_id, made.boot_id, sizeof record->boot_id);
	record->slot = made.slot;
	record->pid = made.pid;
	record->start_ticks = made.start_ticks;
	record->state = made.state;
	lifecycle_prepare(sandbox);
}

/* From one of the pool. */
static int
claim(struct sandbox *sandbox, struct sandbox_record *wanted,
    const struct asker *asker, struct err *err)
{
	const enum machine_event event = is_made_so(sandbox->daemon,
	    &sandbox->record, wanted) ? EVENT_CLAIM : EVENT_CLAIM_OTHER;
	int r = waiters_add(&sandbox->waiters, WAITER_CREATE, asker, err);

	if (r < 0)
		return r;
	pool_leave(sandbox);
	pool_claimed(sandbox->daemon, wanted);
	give(sandbox, wanted);
	note_birth(sandbox, asker);
	chronicle_note(sandbox, EVENT_KIND_CLAIMED, "");
	sandbox->daemon->on_event(sandbox, event, NULL);
	return 0;
}

/* From a blank, with any limits, egress and disk: those come now. */
static int
claim_blank(struct sandbox *sandbox, struct sandbox_record *wanted,
    const struct sandbox_source *source, const struct asker *asker,
    struct err *err)
{
	int r = waiters_add(&sandbox->waiters, WAITER_CREATE, asker, err);

	if (r < 0)
		return r;
	pool_leave(sandbox);
	pool_blank_claimed(sandbox->daemon, wanted);
	give(sandbox, wanted);
	if (source != NULL)
		sandbox->source = *source;
	note_birth(sandbox, asker);
	sandbox->daemon->on_event(sandbox, EVENT_CLAIM, NULL);
	return 0;
}

int
lifecycle_create(struct daemon *daemon, struct sandbox_record *record,
    const struct sandbox_source *source, const struct asker *asker,
    struct err *err)
{
	struct sandbox *pooled = source == NULL ? pool_find(daemon, record) :
	    NULL;
	struct sandbox *blank = pooled == NULL ?
	    pool_find_blank(daemon, record) : NULL;

	if (source == NULL && pooled == NULL)
		pool_missed(daemon, record);
	if (pooled != NULL)
		return claim(pooled, record, asker, err);
	return blank != NULL ?
	    claim_blank(blank, record, source, asker, err) :
	    create(daemon, record, source, asker, err);
}

/* Who answered before may have been killed before that was on the disk. */
static int
save_for(struct sandbox *sandbox, const struct asker *asker, struct err *err)
{
	int r = waiters_add(&sandbox->waiters, WAITER_SAVED, asker, err);

	if (r == 0 && action_save(sandbox, REGISTRY_DURABLE, err) < 0)
		waiters_answer(&sandbox->waiters, WAITER_SAVED, sandbox, err);
	return r;
}

int
lifecycle_join(struct sandbox *sandbox, const struct asker *asker,
    struct err *err)
{
	sandbox->is_shared = true;
	if (waiters_have(&sandbox->waiters, WAITER_CREATE))
		return waiters_add(&sandbox->waiters, WAITER_CREATE, asker,
		    err);
	if (sandbox_is_there(sandbox))
		return save_for(sandbox, asker, err);
	asker->answer(asker->owner, asker->request_id, sandbox, NULL);
	asker->release(asker->owner);
	return 0;
}
