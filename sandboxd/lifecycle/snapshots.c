// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/snapshots.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "sandboxd/lifecycle/chronicle.h"
#include "sandboxd/lifecycle/org_disk.h"
#include "sandboxd/lifecycle/quota.h"

static struct snapshot *
add(struct daemon *daemon, const struct snapshot_record *record)
{
	struct snapshot **at = &daemon->snapshots;
	struct snapshot *snapshot = calloc(1, sizeof *snapshot);

	if (snapshot == NULL)
		return NULL;
	snapshot->record = *record;
	snapshot->daemon = daemon;
	while (*at != NULL && strcmp((*at)->record.id, record->id) < 0)
		at = &(*at)->next;
	snapshot->next = *at;
	*at = snapshot;
	return snapshot;
}

/* Tells who asked, and forgets them. */
static void
answer(struct snapshot *snapshot, const struct err *err)
{
	struct snapshot_asker asker = snapshot->asker;

	snapshot->asker = (struct snapshot_asker){0};
	if (asker.answer == NULL)
		return;
	asker.answer(asker.owner, asker.request_id, snapshot, err);
	asker.release(asker.owner);
}

static void
drop(struct snapshot *snapshot)
{
	struct snapshot **at = &snapshot->daemon->snapshots;

	while (*at != snapshot)
		at = &(*at)->next;
	*at = snapshot->next;
	clock_disarm(&snapshot->daemon->clock, &snapshot->expiry);
	if (snapshot->asker.release != NULL)
		snapshot->asker.release(snapshot->asker.owner);
	free(snapshot);
}

static int
load_row(const struct snapshot_record *record, void *data, struct err *err)
{
	struct snapshot *snapshot;

	if (!snapshot_id_is_valid(record->id))
		return err_set(err, EPROTO, "registry: \"%s\" is no id",
		    record->id);
	if ((snapshot = add(data, record)) == NULL)
		return err_set(err, ENOMEM, "no memory");
	snapshot->state = SNAPSHOT_THERE;
	return 0;
}

int
snapshots_load(struct daemon *daemon, struct err *err)
{
	return registry_load_snapshots(daemon->registry, load_row, daemon,
	    err);
}

struct snapshot *
snapshots_find(const struct daemon *daemon, const char *id)
{
	struct snapshot *s = daemon->snapshots;

	while (s != NULL && strcmp(s->record.id, id) != 0)
		s = s->next;
	return s;
}

bool
snapshot_is_there(const struct snapshot *snapshot)
{
	return snapshot->state == SNAPSHOT_THERE;
}

struct snapshot *
snapshots_find_named(const struct daemon *daemon, const char *org,
    const char *which)
{
	for (struct snapshot *s = daemon->snapshots; s != NULL; s = s->next)
		if (strcmp(s->record.org, org) == 0 && snapshot_is_there(s) &&
		    which[0] != '\0' && (strcmp(s->record.id, which) == 0 ||
		    strcmp(s->record.name, which) == 0))
			return s;
	return NULL;
}

uint64_t
snapshots_bytes(const struct daemon *daemon, const char *org)
{
	uint64_t bytes = 0;

	for (const struct snapshot *s = daemon->snapshots; s != NULL;
	    s = s->next)
		if (strcmp(s->record.org, org) == 0)
			bytes += s->record.bytes;
	return bytes;
}

unsigned
snapshots_count(const struct daemon *daemon, const char *org)
{
	unsigned n = 0;

	for (const struct snapshot *s = daemon->snapshots; s != NULL;
	    s = s->next)
		n += strcmp(s->record.org, org) == 0;
	return n;
}

static int
submit(struct snapshot *snapshot, enum job_kind kind, struct err *err)
{
	const struct snapshot_record *record = &snapshot->record;
	not_cleared struct job job;

	job_clear(&job);
	job.kind = kind;
	job.source_limit_bytes = record->disk_limit_bytes;
	snprintf(job.id, sizeof job.id, "%s", record->id);
	snprintf(job.org, sizeof job.org, "%s", record->org);
	if (kind == JOB_SNAPSHOT)
		snprintf(job.source, sizeof job.source, "%s",
		    record->sandbox);
	return worker_pool_submit(snapshot->daemon->workers, &job, err);
}

/* What is left on the disk is found by the next sandboxd. */
static void
remove_disk(struct snapshot *snapshot)
{
	struct err err = {0};

	snapshot->state = SNAPSHOT_REMOVING;
	if (submit(snapshot, JOB_UNSNAP, &err) == 0)
		return;
	log_error("snapshot stays id=%s: %s", snapshot->record.id, err.text);
	answer(snapshot, &err);
	drop(snapshot);
}

static void
on_due(void *data)
{
	struct snapshot *snapshot = data;

	log_info("snapshot expires id=%s org=%s", snapshot->record.id,
	    snapshot->record.org);
	snapshots_remove(snapshot, NULL);
}

/* Its end is a time of the calendar; how far off that is, is looked at when it
 * is made and when sandboxd starts. */
static void
arm(struct snapshot *snapshot)
{
	const uint64_t now_ms = clock_unix_ms();
	const uint64_t end_ms = snapshot->record.expires_ms;

	if (end_ms == 0)
		return;
	snapshot->expiry.fire = on_due;
	snapshot->expiry.data = snapshot;
	if (clock_arm(&snapshot->daemon->clock, &snapshot->expiry,
	    end_ms > now_ms ? end_ms - now_ms : 1) < 0)
		log_error("snapshot does not expire id=%s",
		    snapshot->record.id);
}

static void
see_disk(const char *id, void *data)
{
	struct snapshot *snapshot = snapshots_find(data, id);

	if (snapshot != NULL)
		snapshot->has_disk = true;
}

void
snapshots_begin(struct daemon *daemon)
{
	struct snapshot *next;
	struct err err = {0};

	if (disk_list_snapshots(daemon->runtime.disks, see_disk, daemon,
	    &err) < 0) {
		log_error("snapshots: %s", err.text);
		return;
	}
	for (struct snapshot *s = daemon->snapshots; s != NULL; s = next) {
		next = s->next;
		arm(s);
		if (s->has_disk)
			continue;
		log_warn("snapshot without a disk id=%s", s->record.id);
		snapshots_remove(s, NULL);
	}
}

void
snapshots_end(struct daemon *daemon)
{
	while (daemon->snapshots != NULL)
		drop(daemon->snapshots);
}

/* Of those that come, or are there. */
static int
check(const struct daemon *daemon, const struct snapshot_record *record,
    struct err *err)
{
	const unsigned n = snapshots_count(daemon, record->org);

	for (const struct snapshot *s = daemon->snapshots; s != NULL;
	    s = s->next)
		if (strcmp(s->record.org, record->org) == 0 &&
		    record->name[0] != '\0' &&
		    strcmp(s->record.name, record->name) == 0)
			return err_set(err, EEXIST,
			    "name: the snapshot %s is called %s",
			    s->record.id, record->name);
	if (n >= SNAPSHOTS_MAX) {
		err_set(err, EDQUOT,
		    "snapshots: organisation %s has %u, and this host keeps "
		    "%d of one organisation; remove one", record->org, n,
		    SNAPSHOTS_MAX);
		return err_cause(err, "snapshots");
	}
	return 0;
}

int
snapshots_make(struct daemon *daemon, const struct snapshot_record *record,
    uint64_t ttl_s, uint64_t disk_max_bytes,
    const struct snapshot_asker *asker, struct err *err)
{
	struct snapshot_record wanted = *record;
	struct snapshot *snapshot = NULL;
	int r = check(daemon, record, err);

	do
		snapshot_make_id(wanted.id);
	while (snapshots_find(daemon, wanted.id) != NULL);
	wanted.created_ms = clock_unix_ms();
	wanted.expires_ms = ttl_s > 0 ? wanted.created_ms + ttl_s * 1000 : 0;
	if (r == 0 && (snapshot = add(daemon, &wanted)) == NULL)
		r = err_set(err, ENOMEM, "no memory");
	if (r == 0)
		r = submit(snapshot, JOB_SNAPSHOT, err);
	if (r < 0) {
		if (snapshot != NULL)
			drop(snapshot);
		asker->release(asker->owner);
		return r;
	}
	snapshot->state = SNAPSHOT_COPYING;
	snapshot->asker = *asker;
	snapshot->disk_max_bytes = disk_max_bytes;
	return 0;
}

void
snapshots_remove(struct snapshot *snapshot, const struct snapshot_asker *asker)
{
	struct err err = {0};

	clock_disarm(&snapshot->daemon->clock, &snapshot->expiry);
	if (asker != NULL)
		snapshot->asker = *asker;
	snapshot->state = SNAPSHOT_LEAVING;
	if (writer_submit_snapshot(snapshot->daemon->writer, true,
	    &snapshot->record, &err) == 0)
		return;
	snapshot->state = SNAPSHOT_THERE;
	log_error("snapshot stays id=%s: %s", snapshot->record.id, err.text);
	answer(snapshot, &err);
}

/* Its disk is there: it may be too much, and else is saved. */
static void
copied(struct snapshot *snapshot, const struct job_result *result)
{
	const struct daemon *daemon = snapshot->daemon;
	struct snapshot_record *record = &snapshot->record;
	int r = quota_check_disk(snapshot->disk_max_bytes, &daemon->sandboxes,
	    record->org, org_disk_beside(daemon, record->org), result->bytes,
	    &snapshot->failure);

	record->bytes = result->bytes;
	record->still_us = result->still_us;
	snapshot->state = SNAPSHOT_SAVING;
	if (r < 0 || writer_submit_snapshot(daemon->writer, false, record,
	    &snapshot->failure) < 0)
		remove_disk(snapshot);
}

static void
fail(struct snapshot *snapshot, const struct err *err)
{
	answer(snapshot, err);
	drop(snapshot);
}

void
snapshots_job_done(struct daemon *daemon, const struct job *job,
    const struct job_result *result)
{
	struct snapshot *snapshot = snapshots_find(daemon, job->id);

	if (snapshot == NULL)
		return;
	if (job->kind == JOB_SNAPSHOT && result->err.code == 0) {
		copied(snapshot, result);
	} else if (job->kind == JOB_SNAPSHOT) {
		/* A worker that died may have left something. */
		snapshot->failure = result->err;
		remove_disk(snapshot);
	} else {
		if (result->err.code != 0)
			log_error("snapshot stays id=%s: %s", job->id,
			    result->err.text);
		fail(snapshot, snapshot->failure.code != 0 ?
		    &snapshot->failure : NULL);
	}
}

/* It may be gone again by now. */
static void
tell_sandbox(const struct snapshot *snapshot)
{
	const struct snapshot_record *record = &snapshot->record;
	struct sandbox *sandbox = sandbox_find(&snapshot->daemon->sandboxes,
	    record->sandbox);
	char cause[EVENT_CAUSE_SIZE];

	if (sandbox == NULL)
		return;
	snprintf(cause, sizeof cause, "%s%s%s", record->id,
	    record->name[0] != '\0' ? " " : "", record->name);
	chronicle_tell(sandbox, EVENT_KIND_SNAPSHOT,
	    snapshot->asker.whose != NULL ? snapshot->asker.whose :
	    EVENT_HOST, cause);
}

void
snapshots_written(const char *id, bool is_gone, const struct err *err,
    void *data)
{
	struct daemon *daemon = data;
	struct snapshot *snapshot = snapshots_find(daemon, id);

	if (err != NULL)
		log_error("not saved id=%s: %s", id, err->text);
	if (snapshot == NULL || daemon->is_ending)
		return;
	if (is_gone && err != NULL) {
		snapshot->state = SNAPSHOT_THERE;
		answer(snapshot, err);
	} else if (is_gone || err != NULL) {
		if (err != NULL)
			snapshot->failure = *err;
		remove_disk(snapshot);
	} else {
		snapshot->state = SNAPSHOT_THERE;
		log_info("snapshot made id=%s org=%s of=%s bytes=%llu "
		    "still_us=%llu", id, snapshot->record.org,
		    snapshot->record.sandbox,
		    (unsigned long long)snapshot->record.bytes,
		    (unsigned long long)snapshot->record.still_us);
		arm(snapshot);
		tell_sandbox(snapshot);
		answer(snapshot, NULL);
	}
}
