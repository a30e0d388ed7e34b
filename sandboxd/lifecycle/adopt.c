// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/adopt.h"

#include <dirent.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "sandboxd/lifecycle/ceiling.h"
#include "sandboxd/lifecycle/egress.h"
#include "sandboxd/lifecycle/kept_disks.h"
#include "sandboxd/lifecycle/lifecycle.h"
#include "sandboxd/lifecycle/pool_sizes.h"
#include "sandboxd/lifecycle/repeats.h"
#include "sandboxd/lifecycle/snapshots.h"
#include "sandboxd/recipe/init_process.h"
#include "sandboxd/recipe/reap.h"
#include "sandboxd/recipe/still.h"

static int
load_row(struct sandbox_record *record, void *data, struct err *err)
{
	struct daemon *daemon = data;
	struct sandbox *sandbox;
	int r;

	if (!sandbox_id_is_valid(record->id))
		return err_set(err, EPROTO, "registry: \"%s\" is no id",
		    record->id);
	r = sandbox_add(&daemon->sandboxes, record, daemon, &sandbox, err);
	if (r == 0)
		lifecycle_prepare(sandbox);
	return r;
}

int
adopt_load(struct daemon *daemon, struct err *err)
{
	int r = sandbox_table_init(&daemon->sandboxes,
	    (uint32_t)daemon->settings.max_sandboxes, err);

	if (r == 0)
		r = registry_load(daemon->registry, load_row, daemon, err);
	if (r == 0)
		r = ceilings_load(daemon, err);
	if (r == 0)
		r = repeats_load(daemon, err);
	if (r == 0)
		r = pool_sizes_load(daemon, err);
	if (r == 0)
		r = kept_disks_load(daemon, err);
	return r < 0 ? r : snapshots_load(daemon, err);
}

/* Something named after a sandbox was found; it goes unless there is a row. */
static void
remove_orphan(const char *id, void *data)
{
	struct daemon *daemon = data;
	struct err err = {0};

	if (!sandbox_id_is_valid(id) ||
	    sandbox_find(&daemon->sandboxes, id) != NULL)
		return;
	if (reap_sandbox(&daemon->runtime, id, -1, &err) < 0)
		log_error("orphan stays id=%s: %s", id, err.text);
	else
		log_warn("orphan removed id=%s", id);
}

static void
remove_orphan_snapshot(const char *id, void *data)
{
	struct daemon *daemon = data;
	struct err err = {0};

	if (snapshots_find(daemon, id) != NULL)
		return;
	if (disk_remove_snapshot(daemon->runtime.disks, id, &err) < 0)
		log_error("orphan stays id=%s: %s", id, err.text);
	else
		log_warn("orphan removed id=%s", id);
}

static void
remove_orphan_sockets(struct daemon *daemon)
{
	DIR *folder = opendir(daemon->runtime.init_folder);
	struct dirent *entry;

	if (folder == NULL)
		return;
	while ((entry = readdir(folder)) != NULL) {
		char id[NAME_MAX + 1];
		char *dot;

		snprintf(id, sizeof id, "%s", entry->d_name);
		if ((dot = strrchr(id, '.')) == NULL ||
		    strcmp(dot, ".sock") != 0)
			continue;
		*dot = '\0';
		remove_orphan(id, daemon);
	}
	closedir(folder);
}

static bool
is_link_name(const struct daemon *daemon, const char *name)
{
	const char *prefix = daemon->settings.link_prefix;
	size_t n = strlen(prefix);

	return strncmp(name, prefix, n) == 0 && name[n] != '\0' &&
	    strspn(name + n, "0123456789") == strlen(name + n);
}

/* The slot of a link of ours without a row, by asking each free slot. */
static void
remove_orphan_link(struct daemon *daemon, const char *name)
{
	const struct sandbox_table *table = &daemon->sandboxes;
	struct err err = {0};
	struct net_link link;

	for (uint32_t slot = 0; slot < table->max; slot++) {
		if (net_link_of_slot(&daemon->runtime.egress.range, slot,
		    &link, &err) < 0)
			return;
		if (strcmp(link.name, name) != 0)
			continue;
		if (table->slots[slot])
			return;
		if (net_link_down(&link, &err) < 0)
			log_error("orphan link=%s stays: %s", name, err.text);
		else
			log_warn("orphan removed link=%s", name);
		return;
	}
}

static void
remove_orphan_links(struct daemon *daemon)
{
	struct if_nameindex *links = if_nameindex();

	for (struct if_nameindex *l = links; l != NULL && l->if_index != 0;
	    l++)
		if (is_link_name(daemon, l->if_name))
			remove_orphan_link(daemon, l->if_name);
	if (links != NULL)
		if_freenameindex(links);
}

/* All of them at once, so that each does not have to be waited for alone: a
 * pool may be large. */
static void
kill_orphan(const char *id, void *data)
{
	struct daemon *daemon = data;

	if (sandbox_find(&daemon->sandboxes, id) == NULL)
		(void)cgroup_kill(daemon->runtime.cgroups, id, NULL);
}

static int
remove_orphans(struct daemon *daemon, struct err *err)
{
	const struct runtime *runtime = &daemon->runtime;
	int r;

	if ((r = cgroup_list(runtime->cgroups, kill_orphan, daemon,
	    err)) < 0 ||
	    (r = cgroup_list(runtime->cgroups, remove_orphan, daemon,
	    err)) < 0 ||
	    (r = disk_list(runtime->disks, remove_orphan, daemon, err)) < 0 ||
	    (r = disk_list_snapshots(runtime->disks, remove_orphan_snapshot,
	    daemon, err)) < 0 ||
	    (r = disk_drop_unfinished(runtime->disks, err)) < 0)
		return r;
	remove_orphan_sockets(daemon);
	remove_orphan_links(daemon);
	return 0;
}

/* Whether a sandbox with no process left a link or a socket behind. */
static bool
has_remains(const struct sandbox *sandbox)
{
	const struct runtime *runtime = &sandbox->daemon->runtime;
	char path[RUNTIME_PATH_SIZE];
	struct net_link link;

	return runtime_init_path(runtime, sandbox->record.id, path, NULL) < 0 ||
	    access(path, F_OK) == 0 ||
	    net_link_of_slot(&runtime->egress.range, sandbox->record.slot,
	    &link, NULL) < 0 || net_link_exists(&link, NULL) != 0;
}

static bool
was_other_boot(const struct sandbox *sandbox)
{
	return strcmp(sandbox->record.boot_id, sandbox->daemon->boot_id) != 0;
}

static int
open_init(const struct sandbox *sandbox, int *ret_fd)
{
	const struct sandbox_record *record = &sandbox->record;

	if (was_other_boot(sandbox))
		return -ESRCH;
	return process_open(record->pid, record->start_ticks, ret_fd, NULL);
}

static int
install_network(const struct daemon *daemon, struct err *err)
{
	int r = net_host_up(err);

	return r < 0 ? r : egress_host_install(&daemon->runtime.egress, err);
}

/* The pidfd is the sandbox's from then on. */
static void
report(struct sandbox *sandbox, int pid_fd)
{
	struct sandbox_record *record = &sandbox->record;
	enum machine_event event = EVENT_FOUND_ALIVE;
	struct err err = {0};

	sandbox->pid_fd = pid_fd;
	if (pid_fd < 0 && record->is_ephemeral && record->pid != 0 &&
	    was_other_boot(sandbox))
		snprintf(record->cause, sizeof record->cause,
		    "lost with the host");
	/* What the cgroup says is what is: the row may be a step behind. */
	if (pid_fd >= 0 && cgroup_is_frozen(sandbox->daemon->runtime.cgroups,
	    record->id))
		event = EVENT_FOUND_FROZEN;
	if (pid_fd < 0 && record->pid != 0)
		sandbox_set_reason(sandbox, was_other_boot(sandbox) ?
		    "the host was started anew" : "its init died", "");
	if (pid_fd < 0)
		event = has_remains(sandbox) ? EVENT_FOUND_REMAINS :
		    EVENT_FOUND_DEAD;
	err_set(&err, EINTR, "sandboxd was restarted");
	chronicle_blame(sandbox, NULL);
	sandbox->daemon->on_event(sandbox, event, &err);
	/* A change may have come no further than its row, and the host's own
	 * settings may be others now. */
	if (pid_fd >= 0 && sandbox->record.pid != 0)
		egress_apply(sandbox);
}

int
adopt_all(struct daemon *daemon, struct err *err)
{
	struct sandbox_table *table = &daemon->sandboxes;
	unsigned n_alive = 0;
	int r;

	still_release_all(&daemon->runtime);
	if ((r = install_network(daemon, err)) < 0 ||
	    (r = remove_orphans(daemon, err)) < 0)
		return r;
	/* No job ends before the loop, so the table holds still. */
	for (size_t i = 0; i < table->n; i++) {
		struct sandbox *sandbox = table->sorted[i];
		int pid_fd = -1;

		if (sandbox->record.pid != 0 &&
		    open_init(sandbox, &pid_fd) == 0)
			n_alive++;
		report(sandbox, pid_fd);
	}
	log_info("adopted sandboxes=%zu alive=%u", table->n, n_alive);
	return 0;
}

static int
bring_down(struct daemon *daemon, struct sandbox *sandbox, struct err *err)
{
	struct sandbox_record *record = &sandbox->record;
	const bool is_whole = sandbox_state_is_at_rest(record->state);
	int r;

	if (!is_whole) {
		r = reap_sandbox(&daemon->runtime, record->id, record->slot,
		    err);
		return r < 0 ? r : registry_delete(daemon->registry,
		    record->id, REGISTRY_DURABLE, err);
	}
	r = reap_processes(&daemon->runtime, record->id, record->slot, err);
	if (r < 0)
		return r;
	if (record->state != SANDBOX_CLEANED)
		record->state = SANDBOX_SUSPENDED;
	record->pid = 0;
	record->start_ticks = 0;
	return registry_update(daemon->registry, record, REGISTRY_DURABLE,
	    err);
}

int
adopt_down(struct daemon *daemon, struct err *err)
{
	struct sandbox_table *table = &daemon->sandboxes;
	struct runtime *runtime = &daemon->runtime;
	struct err now = {0};
	int r, first = 0;

	still_release_all(runtime);
	for (size_t i = 0; i < table->n; i++)
		if ((r = bring_down(daemon, table->sorted[i], &now)) < 0 &&
		    first == 0) {
			*err = now;
			first = r;
		}
	if ((r = remove_orphans(daemon, &now)) < 0 ||
	    (r = view_place_unmount(&runtime->views, &now)) < 0 ||
	    (r = egress_host_remove(&runtime->egress, &now)) < 0 ||
	    (r = cgroup_remove_parent(runtime->cgroups, &now)) < 0 ||
	    (r = disk_pool_unmount(runtime->disks, &now)) < 0) {
		if (first == 0)
			*err = now;
		return first < 0 ? first : r;
	}
	return first;
}
