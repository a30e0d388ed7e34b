// SPDX-License-Identifier: Apache-2.0
/*
 * Snapshots: disks that are kept as they were, for their organisation. There is
 * a row of one exactly where it is whole: a disk comes before its row, and goes
 * after it, and what is found at start without the other is removed.
 */
#pragma once

#include "sandboxd/daemon.h"
#include "sandboxd/registry/snapshot_record.h"

/* Of one organisation; and a page of a list. */
#define SNAPSHOTS_MAX 256

enum snapshot_state {
	SNAPSHOT_COPYING,  /* by a worker */
	SNAPSHOT_SAVING,   /* its row is under way */
	SNAPSHOT_THERE,
	SNAPSHOT_LEAVING,  /* its row goes */
	SNAPSHOT_REMOVING, /* by a worker */
};

struct snapshot;

/* Who asked: answered once, with the error or NULL, and then released. */
struct snapshot_asker {
	void (*answer)(void *owner, uint32_t request_id,
	    const struct snapshot *snapshot, const struct err *err);
	void (*release)(void *owner);
	void *owner;
	uint32_t request_id;
	const char *whose; /* their audit name, theirs */
};

struct snapshot {
	struct snapshot_record record;
	enum snapshot_state state;
	struct daemon *daemon;
	struct clock_timer expiry;
	struct snapshot_asker asker; /* answer NULL: nobody */
	struct err failure;	/* why it goes, while it is made */
	bool has_disk;	/* as found at start */
	uint64_t disk_max_bytes; /* of its organisation, 0 = no limit */
	struct snapshot *next;	/* in order of id */
};

/* From the registry, before the writer owns it. */
int snapshots_load(struct daemon *daemon, struct err *err);

/* Removes rows without a disk, and has all that are due go. Once workers and
 * writer are there; disks without a row are adopt.c's. */
void snapshots_begin(struct daemon *daemon);
void snapshots_end(struct daemon *daemon);

/* Those that are there: one by its id; one of an organisation by its id or
 * name; and whether one is. NULL where there is none. */
struct snapshot *snapshots_find(const struct daemon *daemon, const char *id);
struct snapshot *snapshots_find_named(const struct daemon *daemon,
    const char *org, const char *which);
bool snapshot_is_there(const struct snapshot *snapshot);

/* What those of an organisation have in them. */
uint64_t snapshots_bytes(const struct daemon *daemon, const char *org);

/* And how many there are, those that are being made or removed too. */
unsigned snapshots_count(const struct daemon *daemon, const char *org);

/*
 * Makes one of this record, whose id, bytes and times are filled in; answered
 * once it is durable, or with why there is none. disk_max_bytes is what its
 * organisation may have. The asker is ours to release; on an error it has been.
 * -EEXIST where the name is taken, -EDQUOT where there are SNAPSHOTS_MAX.
 */
int snapshots_make(struct daemon *daemon, const struct snapshot_record *record,
    uint64_t ttl_s, uint64_t disk_max_bytes,
    const struct snapshot_asker *asker, struct err *err);

/* Removes one that is there, in order, for who asked (NULL: nobody). */
void snapshots_remove(struct snapshot *snapshot,
    const struct snapshot_asker *asker);

/* A worker's and the writer's word on one. */
void snapshots_job_done(struct daemon *daemon, const struct job *job,
    const struct job_result *result);
void snapshots_written(const char *id, bool is_gone, const struct err *err,
    void *data);
