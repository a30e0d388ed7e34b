// SPDX-License-Identifier: Apache-2.0
/*
 * The noun: what is remembered of a sandbox, and the table of all there are.
 * What happens to one is machine.def's and lifecycle.c's business.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "common/egress.h"
#include "common/err.h"
#include "common/parse.h"
#include "common/rpc_calls.h"
#include "common/rpc_watch.h"
#include "sandboxd/lifecycle/chronicle.h"
#include "sandboxd/lifecycle/hold.h"
#include "sandboxd/lifecycle/lifetime.h"
#include "sandboxd/lifecycle/machine.h"
#include "sandboxd/lifecycle/meter_ring.h"
#include "sandboxd/lifecycle/waiters.h"
#include "sandboxd/template/base.h"

#define NAME_SIZE    64
#define BOOT_ID_SIZE 40

/* One row of the registry; its members are the rows of common/sandbox.def. */
#define SANDBOX_MEMBER_TEXT(name, size)	 char name[size];
#define SANDBOX_MEMBER_STATE(name, size) enum sandbox_state name;
#define SANDBOX_MEMBER_U32(name, size)	 uint32_t name;
#define SANDBOX_MEMBER_U64(name, size)	 uint64_t name;
#define SANDBOX_MEMBER_I32(name, size)	 int32_t name;
#define SANDBOX_MEMBER_BOOL(name, size)	 bool name;
#define SANDBOX_MEMBER_YES(name, size)	 bool name;
#define SANDBOX_MEMBER_BLOB(name, size)                                        \
	char *name;                                                            \
	uint32_t name##_size;
#define SANDBOX_KEPT(since, kind, name, size, change)                          \
	SANDBOX_MEMBER_##kind(name, size)
#define SANDBOX_TOLD(since, kind, name, size, change, ...)                     \
	SANDBOX_MEMBER_##kind(name, size)
struct sandbox_record {
#include "common/sandbox.def"
};

/* A change of its egress policy; egress.c alone looks at it. */
struct egress_change {
	bool is_saving;	  /* its row */
	bool is_applying; /* a worker puts a policy in force */
	bool is_stale;	  /* and that is not the record's any more */
	char *before;	  /* while it is saved: what it was; owned */
	uint32_t before_size;
};

/* What its disk is to be a copy of: a sandbox or a snapshot, "" for an empty
 * one; and the limit that has. */
struct sandbox_source {
	char id[SANDBOX_ID_SIZE];
	uint64_t limit_bytes;
	bool is_wanted; /* of a snapshot, in place of the disk that is there */
};

/* Its place in the pool; pool.c alone looks at it. */
struct pooled {
	TAILQ_ENTRY(sandbox) entry;
	bool is_in; /* the pool's list */
	struct base_mark mark;
	struct timespec boot; /* of a blank: when its clock began */
};

/* While other limits are put in force, what they were; resize.c's. */
struct resize {
	bool is_applying;
	uint64_t memory_bytes, disk_bytes;
	uint32_t pids, cpu_millis;
};

/* What gateway-resolver was told of it; names.c's. */
#define NAMES_UNRESOLVED_MAX	   64
#define NAMES_UNRESOLVED_PERIOD_MS 60000
struct sandbox_names {
	uint32_t serial; /* 0 = nothing */
	pid_t pid;	 /* of which life */
	uint64_t policy; /* a hash */
	uint32_t marks[EGRESS_DOMAINS_MAX];
	uint8_t looks[EGRESS_DOMAINS_MAX]; /* bits of EGRESS_LOOKED */
	size_t n_marks;
	bool is_looking; /* it has the sockets for that */
	struct mnl_socket *door; /* to its table; NULL = not yet */
	/* Refusals told in the minute that began then; refused.c's. */
	uint64_t refused_ms;
	unsigned n_refused;
	/* What of names that were not resolved was told lately. */
	uint64_t unresolved_ms; /* since when; 0 = never */
	uint32_t n_unresolved;
};

/* Who listens for what it is refused; denials.c's. */
struct sandbox_denials {
	pid_t pid; /* to which life; 0 = to none */
	sd_event_source *bell; /* owns its descriptor */
	struct clock_timer look;
	uint64_t looked_ms; /* when last, on the clock; 0 = never */
	struct nft_told *told; /* what was there then; owned */
	size_t n_told;
	/* When it was last told of each total, on the clock; 0 = never. */
	uint64_t totals_ms[N_EGRESS_LIMIT];
};

/* What it has used; meter.c alone looks at it. */
struct sandbox_meter {
	struct meter_ring ring;
	uint64_t looked_ms; /* when last, on the clock; 0 = never */
	uint64_t cpu_us;    /* at the last sample */
};

struct sandbox {
	struct sandbox_record record; /* its state is the machine's */
	struct daemon *daemon;
	struct err failure; /* why the last create or start failed */
	int pid_fd;
	sd_event_source *pid_source;
	struct rpc_watch control; /* our own connection to its init */
	uint32_t oom_kills; /* when they were last counted */
	unsigned n_saving; /* durable writes of its row under way */
	struct hold hold;
	struct lifetime lifetime; /* expiry.c's, with all up to grace */
	struct clock_timer expiry;
	uint64_t active_ms; /* when it was last used, on the clock; 0 = never */
	uint64_t activity_saved_ms;
	uint64_t paused_ms; /* since when, on the clock; 0 = it is not */
	uint32_t n_busy; /* of its capabilities' holders, as they say */
	bool was_held;
	bool is_shared; /* more than one create has it for an answer */
	struct clock_timer grace; /* until what was asked to end must have, or
				   * what could not be removed may be */
	uint32_t again_ms; /* how long the latter was last; 0 = never */
	struct waiters waiters;
	struct egress_change egress;
	struct sandbox_names names;
	struct sandbox_denials denials;
	struct resize resize;
	struct sandbox_source source; /* while it is created or restored */
	struct pooled pooled;
	struct sandbox_meter meter;
	struct chronicle chronicle;
};

/* Frees what it owns. */
void sandbox_record_fini(struct sandbox_record *record);

/* Whether anybody may still ask for it: it neither goes nor never came. */
bool sandbox_is_there(const struct sandbox *sandbox);

/* Says why it is in the state that it comes to, in printable ASCII. */
void sandbox_set_reason(struct sandbox *sandbox, const char *what,
    const char *why);

/* All sandboxes, in order of id. */
struct sandbox_table {
	struct sandbox **sorted;
	size_t n;
	bool *slots; /* which are taken; max of them */
	uint32_t max;
};

/* Room for `max` sandboxes; -ENOMEM. */
int sandbox_table_init(struct sandbox_table *table, uint32_t max,
    struct err *err);
void sandbox_table_fini(struct sandbox_table *table);

/* The sandbox of an id, or NULL. */
struct sandbox *sandbox_find(const struct sandbox_table *table,
    const char *id);

/* Index of the first whose id comes after `id`. */
size_t sandbox_after(const struct sandbox_table *table, const char *id);

/* The lowest free slot; -ENOSPC with the limit named when there is none. */
int sandbox_free_slot(const struct sandbox_table *table, uint32_t *ret_slot,
    struct err *err);

/*
 * Adds a new sandbox with this record, whose blobs it takes over on success.
 * -EEXIST where id or slot is taken; -ENOSPC where the table is full.
 */
int sandbox_add(struct sandbox_table *table, struct sandbox_record *record,
    struct daemon *daemon, struct sandbox **ret, struct err *err);

/* Takes it out of the table and frees it, event sources and all. */
void sandbox_remove(struct sandbox_table *table, struct sandbox *sandbox);

/* -EBUSY: what its state forbids, with that as the cause. */
int sandbox_refuse(const struct sandbox *sandbox, struct err *err);

/* Writes a random id, not yet checked against any table. */
void sandbox_make_id(char id[SANDBOX_ID_SIZE]);
void snapshot_make_id(char id[SANDBOX_ID_SIZE]);
