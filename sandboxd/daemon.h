// SPDX-License-Identifier: Apache-2.0
/* All that the root daemon is at run time; one of it, on main's stack. */
#pragma once

#include <systemd/sd-event.h>

#include "sandboxd/lifecycle/sandbox.h"
#include "sandboxd/recipe/runtime.h"
#include "sandboxd/recipe/worker.h"
#include "sandboxd/registry/reader.h"
#include "sandboxd/registry/writer.h"
#include "sandboxd/template/template.h"

/* Connections told whose sandboxes are: the broker's, and one to spare while
 * that is replaced. */
#define WATCHERS_MAX 4

/* Of the process that keeps views true; views.c's. */
struct views {
	pid_t pid; /* 0: it is not there */
	int questions_fd; /* what readers wait for; -1: nobody does */
	uint64_t started_ms, retry_ms;
	struct clock_timer timer;
};

/* Who hears what totals hold back; denials/totals.c's. */
struct totals_watch {
	sd_event_source *bell; /* owns its descriptor; NULL: nobody */
	struct clock_timer look;
	uint64_t looked_ms; /* when last, on the clock; 0 = never */
};

struct daemon {
	/*
	 * What happens below is told upward, to lifecycle.c alone; main sets
	 * these before anything can happen.
	 */
	void (*on_event)(struct sandbox *sandbox, enum machine_event event,
	    const struct err *why); /* NULL: for no reason of its own */
	void (*on_attached)(struct sandbox *sandbox, uint32_t n_attached);
	void (*on_oom)(struct sandbox *sandbox); /* its init says so */
	void (*on_held)(struct daemon *daemon, const char *sandbox_id,
	    int change); /* capabilities for it alone; "" is nobody's */
	void (*on_used)(struct daemon *daemon, const char *sandbox_id,
	    const char *kind, int change); /* by holders of such; of those
					    * who go on using it */

	/* And these are lifecycle.c's to say, to the door: a sandbox has been
	 * added, or sandbox_is_there() has changed; and what clients are told
	 * of its state has. */
	void (*on_there)(const struct sandbox *sandbox);
	void (*on_moved)(const struct sandbox *sandbox);
	/* And to names.c: anything may have changed. NULL: to nobody. */
	void (*on_reviewed)(struct sandbox *sandbox);
	/* And one was refused something: the cause of its event. */
	void (*on_denied)(const struct sandbox *sandbox, const char *cause);
	/* And its log has grown; the sandbox may be gone. */
	void (*on_logged)(struct daemon *daemon,
	    const struct sandbox_record *record);

	struct settings settings;
	struct runtime runtime;
	struct worker_pool *workers;
	struct views views;
	struct registry *registry; /* until the writer owns it */
	struct writer *writer;
	struct reader *reader;
	struct clock clock;
	struct clock_timer sweep_timer;
	struct clock_timer patrol_timer, linger_timer;
	struct clock_timer demotion_timer;
	size_t patrolled; /* the last one, in sandboxes.sorted */
	struct sandbox_table sandboxes;
	struct names *names; /* names.c's; NULL: it has not begun, or ends */
	struct pool_sizes *pool_sizes; /* pool_sizes.c's */
	struct pool *pool; /* pool.c's; NULL until it has begun */
	struct snapshot *snapshots; /* snapshots.c's */
	struct kept_disk *kept_disks; /* kept_disks.c's */
	struct repeats *repeats; /* repeats.c's; NULL: there are none */
	struct org_ceiling *org_ceilings; /* ceiling.c's */
	struct totals_watch totals;
	struct template_table templates;
	struct templates_pending *templates_pending; /* pending.h */
	sd_event *event;
	char boot_id[BOOT_ID_SIZE];
	uint64_t started_ms;
	int listen_fd;
	uid_t peer_uid;	    /* who besides root may connect */
	struct peer *peers; /* all there are */
	unsigned n_peers;
	struct creates *creates; /* lately; door/creates.c's */
	unsigned n_told_why; /* peers who are to be told what is refused */
	unsigned n_followers; /* peers who are to be told of the log */
	bool is_ending; /* peers go because we do */
	struct peer *watchers[WATCHERS_MAX]; /* watch.c; NULL = free */
};
