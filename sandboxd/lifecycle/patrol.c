// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/patrol.h"

#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "sandboxd/host/uncharged.h"
#include "sandboxd/lifecycle/contact.h"
#include "sandboxd/lifecycle/meter.h"

/* All sandboxes are looked at once in so long, so many at a time. */
#define PATROL_ROUND_MS 1000u
#define PATROL_AT_ONCE	32u

static void
look_at(struct sandbox *sandbox)
{
	const struct daemon *daemon = sandbox->daemon;
	const struct sandbox_record *record = &sandbox->record;
	uint64_t most = daemon->settings.uncharged_max, n;
	struct err err = {0};
	char cause[96];

	if (record->state != SANDBOX_RUNNING || record->pid <= 0)
		return;
	meter_look(sandbox);
	n = uncharged_of_process(record->pid);
	if (n <= most)
		return;
	log_warn("killed all id=%s org=%s: %llu netlink and ICMP sockets, of "
	    "at most %llu (uncharged_max)", record->id, record->org,
	    (unsigned long long)n, (unsigned long long)most);
	snprintf(cause, sizeof cause, "%llu netlink and ICMP sockets, of at "
	    "most %llu (uncharged_max)", (unsigned long long)n,
	    (unsigned long long)most);
	chronicle_tell(sandbox, EVENT_KIND_KILLED, EVENT_HOST, cause);
	/* An init that does not hear of it goes too. */
	if (contact_kill(sandbox, &err) < 0 &&
	    cgroup_kill(daemon->runtime.cgroups, record->id, &err) < 0)
		log_error("%s", err.text);
}

static void
on_due(void *data)
{
	struct daemon *daemon = data;
	const struct sandbox_table *table = &daemon->sandboxes;
	unsigned turns = (unsigned)(table->n / PATROL_AT_ONCE) + 1;
	int r;

	for (unsigned i = 0; i < PATROL_AT_ONCE && i < table->n; i++) {
		daemon->patrolled = (daemon->patrolled + 1) % table->n;
		look_at(table->sorted[daemon->patrolled]);
	}
	r = clock_arm(&daemon->clock, &daemon->patrol_timer,
	    PATROL_ROUND_MS / turns);
	if (r < 0)
		log_error("no more patrols: %s", strerror(-r));
}

void
patrol_begin(struct daemon *daemon)
{
	daemon->patrol_timer.fire = on_due;
	daemon->patrol_timer.data = daemon;
	on_due(daemon);
}
