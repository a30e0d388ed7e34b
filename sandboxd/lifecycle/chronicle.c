// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/chronicle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "sandboxd/daemon.h"
#include "sandboxd/lifecycle/chronicle_write.h"

/* Printable ASCII alone, as what is told elsewhere. */
static void
copy(char *ret, size_t size, const char *text)
{
	snprintf(ret, size, "%s", text);
	for (; *ret != '\0'; ret++)
		if (*ret < ' ' || *ret > '~')
			*ret = '?';
}

void
chronicle_begin(struct sandbox *sandbox)
{
	struct chronicle *chronicle = &sandbox->chronicle;

	chronicle->told = sandbox_state_kept(sandbox->record.state);
	chronicle->is_found = sandbox->record.pid != 0 &&
	    chronicle->told != SANDBOX_CREATING;
	chronicle_blame(sandbox, NULL);
}

void
chronicle_blame(struct sandbox *sandbox, const char *whose)
{
	copy(sandbox->chronicle.actor, sizeof sandbox->chronicle.actor,
	    whose != NULL ? whose : EVENT_HOST);
}

/* What goes after its tombstone would stay for ever. */
static bool
is_over(const struct sandbox *sandbox, enum event_kind kind)
{
	return kind != EVENT_KIND_DESTROYED &&
	    (sandbox->record.state == SANDBOX_BURYING ||
	    sandbox->record.state == SANDBOX_DESTROYED);
}

static void
note(struct sandbox *sandbox, enum event_kind kind, const char *actor,
    const char *cause)
{
	const struct sandbox_record *record = &sandbox->record;
	struct chronicle *chronicle = &sandbox->chronicle;
	struct event *event;

	if (is_over(sandbox, kind))
		return;
	if (chronicle->n_waiting >= CHRONICLE_WAITING_MAX ||
	    (event = calloc(1, sizeof *event)) == NULL) {
		log_error("not kept: id=%s event=%s", record->id,
		    event_kind_name(kind));
		return;
	}
	event->kind = kind;
	event->at_ms = clock_unix_ms();
	event->owner_id = record->owner_id;
	event->is_private = record->is_private;
	snprintf(event->org, sizeof event->org, "%s", record->org);
	snprintf(event->sandbox_id, sizeof event->sandbox_id, "%s",
	    record->id);
	copy(event->actor, sizeof event->actor, actor);
	copy(event->cause, sizeof event->cause, cause);
	event_append(&chronicle->waiting, event);
	chronicle->n_waiting++;
}

void
chronicle_note(struct sandbox *sandbox, enum event_kind kind,
    const char *cause)
{
	note(sandbox, kind, sandbox->chronicle.actor, cause);
}

static enum event_kind
kind_of(enum sandbox_state told, enum sandbox_state now)
{
	switch (now) {
	case SANDBOX_RUNNING:
		return told == SANDBOX_CREATING ? EVENT_KIND_STARTED :
		    told == SANDBOX_PAUSED ? EVENT_KIND_RESUMED :
		    EVENT_KIND_WOKEN;
	case SANDBOX_PAUSED:
		return EVENT_KIND_PAUSED;
	case SANDBOX_SUSPENDED:
		return EVENT_KIND_SUSPENDED;
	case SANDBOX_CLEANED:
		return EVENT_KIND_CLEANED;
	default:
		return N_EVENT_KINDS;
	}
}

void
chronicle_note_state(struct sandbox *sandbox)
{
	struct chronicle *chronicle = &sandbox->chronicle;
	const enum sandbox_state now =
	    sandbox_state_kept(sandbox->record.state);
	enum event_kind kind = kind_of(chronicle->told, now);
	char limit[48];

	if (now == chronicle->told || kind == N_EVENT_KINDS)
		return;
	chronicle->told = now;
	snprintf(limit, sizeof limit, "memory_limit_bytes %llu",
	    (unsigned long long)sandbox->record.memory_limit_bytes);
	chronicle_note(sandbox, kind, now == SANDBOX_RUNNING ? limit :
	    sandbox->record.reason);
}

void
chronicle_note_kills(struct sandbox *sandbox)
{
	struct chronicle *chronicle = &sandbox->chronicle;
	const uint32_t kills = sandbox->oom_kills;
	uint32_t before = chronicle->oom_told;
	char cause[64];

	chronicle->oom_told = kills;
	if (kills <= before || chronicle->is_found) {
		chronicle->is_found = false;
		return;
	}
	snprintf(cause, sizeof cause, "killed %u, of memory_limit_bytes %llu",
	    kills - before,
	    (unsigned long long)sandbox->record.memory_limit_bytes);
	note(sandbox, EVENT_KIND_OOM, EVENT_HOST, cause);
	chronicle_flush(sandbox);
}

int
chronicle_write(struct sandbox *sandbox, enum writer_what what,
    const struct sandbox_record *record, enum registry_durability durability,
    struct err *err)
{
	struct chronicle *chronicle = &sandbox->chronicle;
	int r = writer_submit_with(sandbox->daemon->writer, what, record,
	    durability, &chronicle->waiting, err);

	if (r == 0)
		chronicle->n_waiting = 0;
	return r;
}

void
chronicle_flush(struct sandbox *sandbox)
{
	struct err err = {0};

	if (sandbox->chronicle.waiting != NULL &&
	    chronicle_write(sandbox, WRITER_EVENTS, &sandbox->record,
	    REGISTRY_LAZY, &err) < 0)
		log_error("events of id=%s wait: %s", sandbox->record.id,
		    err.text);
}

void
chronicle_tell(struct sandbox *sandbox, enum event_kind kind,
    const char *whose, const char *cause)
{
	note(sandbox, kind, whose, cause);
	chronicle_flush(sandbox);
}

void
chronicle_tell_denial(struct sandbox *sandbox, const struct denial *denial)
{
	char cause[EVENT_CAUSE_SIZE];

	denial_format(denial, cause);
	chronicle_tell(sandbox, EVENT_KIND_DENIED, EVENT_HOST, cause);
	if (sandbox->daemon->on_denied != NULL)
		sandbox->daemon->on_denied(sandbox, cause);
}
