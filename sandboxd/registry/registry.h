// SPDX-License-Identifier: Apache-2.0
/*
 * What must survive sandboxd: one row a sandbox, in SQLite (WAL). Every change
 * survives kill -9 of the daemon; a durable one also a loss of power, at the
 * price of an fsync, and takes every earlier change along.
 */
#pragma once

#include "sandboxd/lifecycle/sandbox.h"
#include "sandboxd/registry/snapshot_record.h"

struct registry;

/* Tombstones of one organisation; the oldest go. */
#define TOMBSTONES_MAX 4096

/* Tombstones that one sweep removes. */
#define SWEEP_MAX 1024

enum registry_durability {
	REGISTRY_LAZY,	  /* may be lost with the power */
	REGISTRY_DURABLE, /* on the disk when the call returns */
};

/*
 * Opens the database at path, making it (mode 0600) or bringing it to this
 * program's version. -EPROTO where a newer program has written it.
 */
int registry_open(const char *path, struct registry **ret, struct err *err);
void registry_close(struct registry *registry);

/* Events that are kept of one sandbox, and of one organisation. */
struct event_limits {
	uint64_t per_sandbox, per_org;
};

/* There are none until this is said. */
void registry_set_event_limits(struct registry *registry,
    const struct event_limits *limits);

/* Calls found(record, data) for every row; the callee may take its blobs
 * (leaving NULL). Stops at the first negative answer and returns it. */
int registry_load(struct registry *registry,
    int (*found)(struct sandbox_record *record, void *data, struct err *err),
    void *data, struct err *err);

/* The same for every tombstone that was made since then by a request with a
 * key, the first to end first; what is not told of one is 0. */
int registry_load_repeats(struct registry *registry, uint64_t since_ms,
    int (*found)(struct sandbox_record *record, void *data, struct err *err),
    void *data, struct err *err);

/*
 * Makes what follows one transaction, of this durability whatever the calls
 * say. A call that fails in it undoes itself alone. registry_commit that fails
 * undoes all.
 */
int registry_begin(struct registry *registry,
    enum registry_durability durability, struct err *err);
int registry_commit(struct registry *registry, struct err *err);

/* Makes what is called between them one, in a transaction or not: where r is
 * negative it is undone, and r returned. */
int registry_part_begin(struct registry *registry, struct err *err);
int registry_part_end(struct registry *registry, int r, struct err *err);

/* Adds a row. -EEXIST where its id or slot is taken. */
int registry_insert(struct registry *registry,
    const struct sandbox_record *record, enum registry_durability durability,
    struct err *err);

/* Writes what can change of a row: state, pid, start time, boot. */
int registry_update(struct registry *registry,
    const struct sandbox_record *record, enum registry_durability durability,
    struct err *err);

/* Writes its egress policy, and nothing else of it. */
int registry_set_egress(struct registry *registry,
    const struct sandbox_record *record, enum registry_durability durability,
    struct err *err);

/* What snapshots.h has, on this registry; changes are durable. */
int registry_load_snapshots(struct registry *registry,
    int (*found)(const struct snapshot_record *record, void *data,
    struct err *err), void *data, struct err *err);
int registry_insert_snapshot(struct registry *registry,
    const struct snapshot_record *record, struct err *err);
int registry_delete_snapshot(struct registry *registry, const char *id,
    struct err *err);

/* Removes a row; one that is gone is no error. */
int registry_delete(struct registry *registry, const char *id,
    enum registry_durability durability, struct err *err);

/*
 * Replaces a row by its tombstone: what common/sandbox.def tells of it, with
 * the state "destroyed". One that is gone already gets one too.
 */
int registry_bury(struct registry *registry,
    const struct sandbox_record *record, enum registry_durability durability,
    struct err *err);

/* Removes up to SWEEP_MAX tombstones of what ended before then. */
int registry_sweep(struct registry *registry, uint64_t before_ms,
    struct err *err);

/* Which tombstones are looked at: those of an organisation that its
 * capability's reach takes in, of what ended since then. */
struct registry_view {
	const char *org;
	uint64_t owner_id;
	enum rpc_reach reach;
	uint64_t since_ms;
};

/* One of them; -ENOENT. */
int registry_find(struct registry *registry, const struct registry_view *view,
    const char *id, struct sandbox_record *ret, struct err *err);

/* Up to max of them, in order of id, those after `after`; returns how many. */
int registry_list(struct registry *registry, const struct registry_view *view,
    const char *after, struct sandbox_record *ret, unsigned max,
    struct err *err);
