// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/registry/event_log.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char folder[] = "/tmp/test-event-log-XXXXXX";
static char path[64];

static struct registry *
open_registry(void)
{
	const struct event_limits limits = {.per_sandbox = 10, .per_org = 25};
	struct registry *registry;
	struct err err = {0};

	assert(registry_open(path, &registry, &err) == 0);
	registry_set_event_limits(registry, &limits);
	return registry;
}

static struct event
make_event(const char *org, unsigned sandbox, enum event_kind kind)
{
	struct event event = {.at_ms = 1000 + sandbox, .kind = kind,
	    .owner_id = sandbox, .is_private = sandbox == 9};

	snprintf(event.org, sizeof event.org, "%s", org);
	snprintf(event.sandbox_id, sizeof event.sandbox_id, "sb_%012u",
	    sandbox);
	snprintf(event.actor, sizeof event.actor, "somebody");
	snprintf(event.cause, sizeof event.cause, "because");
	return event;
}

static uint64_t
add(struct registry *registry, const char *org, unsigned sandbox,
    enum event_kind kind)
{
	struct event event = make_event(org, sandbox, kind);
	struct err err = {0};

	assert(event_log_add(registry, &event, &err) == 0);
	return event.id;
}

static struct event found[128];
static uint64_t last_id;

static int
look(struct registry *registry, const struct event_query *query)
{
	struct err err = {0};

	return event_log_read(registry, query, found, &last_id, &err);
}

static const struct registry_view acme = {"acme", 0, RPC_REACH_ALL, 0};

static int
look_at(struct registry *registry, unsigned sandbox, uint64_t after)
{
	char id[SANDBOX_ID_SIZE] = "";

	if (sandbox != 0)
		snprintf(id, sizeof id, "sb_%012u", sandbox);
	return look(registry, &(struct event_query){.view = &acme,
	    .sandbox_id = id, .after_id = after, .kinds = "", .limit = 100});
}

/* Ids go up, whoever's they are, and never come again. */
static void
test_ids(struct registry *registry)
{
	uint64_t before = 0;

	for (unsigned i = 0; i < 6; i++) {
		uint64_t id = add(registry, i % 2 ? "acme" : "umbra",
		    1 + i % 2, EVENT_KIND_PAUSED);

		assert(id == before + 1);
		before = id;
	}
	assert(look_at(registry, 0, 0) == 3 && last_id == 6);
	assert(found[0].id == 2 && found[2].id == 6);
	assert(found[0].kind == EVENT_KIND_PAUSED);
	assert(strcmp(found[0].org, "acme") == 0);
	assert(strcmp(found[0].actor, "somebody") == 0);
	assert(strcmp(found[0].cause, "because") == 0);
	assert(found[0].at_ms == 1002);
	assert(look_at(registry, 2, 4) == 1 && found[0].id == 6);
	assert(look_at(registry, 1, 0) == 0);
}

/* One sandbox, and one organisation, keep so many: the newest. */
static void
test_bounds(struct registry *registry)
{
	uint64_t last = 0;

	for (unsigned i = 0; i < 30; i++)
		last = add(registry, "acme", 3, EVENT_KIND_EXEC);
	assert(look_at(registry, 3, 0) == 10);
	assert(found[9].id == last && found[0].id == last - 9);
	for (unsigned i = 0; i < 40; i++)
		last = add(registry, "acme", 10 + i, EVENT_KIND_EXEC);
	assert(look_at(registry, 0, 0) == 25);
	assert(found[24].id == last && found[0].id == last - 24);
	assert(look(registry, &(struct event_query){.sandbox_id = "",
	    .kinds = "", .limit = 100}) == 28); /* umbra's three too */
}

static void
test_choice(struct registry *registry)
{
	const struct registry_view late = {"acme", 0, RPC_REACH_ALL, 1048};
	struct event_query query = {.view = &acme, .sandbox_id = "",
	    .kinds = ",oom,paused,", .limit = 100};
	uint64_t id = add(registry, "acme", 7, EVENT_KIND_OOM);

	assert(look(registry, &query) == 1 && found[0].id == id);
	query.kinds = ",paused,";
	assert(look(registry, &query) == 0);
	query.kinds = "";
	query.is_newest = true;
	query.limit = 3;
	assert(look(registry, &query) == 3);
	assert(found[2].id == id && found[0].id == id - 2);
	query.view = &late;
	query.limit = 100;
	assert(look(registry, &query) == 2 && found[0].at_ms == 1048);
}

/* What a capability does not see, it is not told of. */
static void
test_reach(struct registry *registry)
{
	const struct registry_view shared = {"acme", 8, RPC_REACH_SHARED, 0};
	const struct registry_view own = {"acme", 8, RPC_REACH_OWN, 0};
	struct event_query query = {.view = &shared, .sandbox_id = "",
	    .kinds = ",killed,", .limit = 100};

	add(registry, "acme", 8, EVENT_KIND_KILLED);
	add(registry, "acme", 9, EVENT_KIND_KILLED); /* private */
	add(registry, "acme", 11, EVENT_KIND_KILLED);
	assert(look(registry, &query) == 2);
	query.view = &own;
	assert(look(registry, &query) == 1);
	assert(strcmp(found[0].sandbox_id, "sb_000000000008") == 0);
	query.view = &acme;
	assert(look(registry, &query) == 3);
}

/* They go with the tombstone, and with a sandbox that leaves none. */
static void
test_ends(struct registry *registry)
{
	struct sandbox_record record = {.id = "sb_000000000060",
	    .org = "acme", .template_name = "base", .slot = 1,
	    .state = SANDBOX_RUNNING, .ended_ms = 5};
	struct err err = {0};

	assert(registry_insert(registry, &record, REGISTRY_LAZY, &err) == 0);
	add(registry, "acme", 60, EVENT_KIND_CREATED);
	assert(registry_bury(registry, &record, REGISTRY_LAZY, &err) == 0);
	assert(registry_bury(registry, &record, REGISTRY_LAZY, &err) == 0);
	assert(look_at(registry, 60, 0) == 1);
	assert(registry_sweep(registry, 10, &err) == 0);
	assert(look_at(registry, 60, 0) == 0);
	assert(registry_insert(registry, &record, REGISTRY_LAZY, &err) == 0);
	add(registry, "acme", 60, EVENT_KIND_CREATED);
	assert(registry_delete(registry, record.id, REGISTRY_LAZY,
	    &err) == 0);
	assert(look_at(registry, 60, 0) == 0);
}

/* A part that is undone leaves neither an event nor its count. */
static void
test_undone(struct registry *registry)
{
	struct err err = {0};
	int before = look_at(registry, 0, 0);

	assert(registry_begin(registry, REGISTRY_LAZY, &err) == 0);
	assert(registry_part_begin(registry, &err) == 0);
	add(registry, "acme", 61, EVENT_KIND_CREATED);
	assert(registry_part_end(registry, -EIO, &err) == -EIO);
	assert(registry_commit(registry, &err) == 0);
	assert(look_at(registry, 0, 0) == before);
}

static int
look_at_usage(struct registry *registry, const char *id, uint64_t after,
    const struct registry_view *view)
{
	return look(registry, &(struct event_query){.view = view,
	    .sandbox_id = id, .after_id = after, .kinds = "",
	    .is_usage = true, .limit = 100});
}

/* A time that it ran is from what begins one to what ends it, or changes what
 * it has. */
static void
test_usage(struct registry *registry)
{
	static const enum event_kind kinds[] = {EVENT_KIND_STARTED,
	    EVENT_KIND_EXEC, EVENT_KIND_PAUSED, EVENT_KIND_RESIZED,
	    EVENT_KIND_SUSPENDED, EVENT_KIND_WOKEN, EVENT_KIND_RESIZED,
	    EVENT_KIND_DESTROYED, EVENT_KIND_STARTED};
	const struct registry_view another = {"acme", 78, RPC_REACH_OWN, 0};
	uint64_t ids[sizeof kinds / sizeof *kinds];

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		ids[i] = add(registry, "acme", 77, kinds[i]);
	assert(look_at_usage(registry, "", ids[0], &acme) == 3);
	assert(found[0].id == ids[2] && found[1].id == ids[6] &&
	    found[2].id == ids[7]);
	assert(found[0].at_ms == 1077);
	assert(strcmp(found[0].cause, "1077 because") == 0);
	assert(look_at_usage(registry, "sb_000000000077", ids[2], &acme) ==
	    2);
	assert(look_at_usage(registry, "sb_000000000078", 0, &acme) == 0);
	assert(look_at_usage(registry, "", ids[0], &another) == 0);
}

int
main(void)
{
	struct registry *registry;
	char command[64];

	assert(mkdtemp(folder) != NULL);
	snprintf(path, sizeof path, "%s/registry.db", folder);
	registry = open_registry();
	test_ids(registry);
	test_bounds(registry);
	test_choice(registry);
	test_reach(registry);
	test_ends(registry);
	test_undone(registry);
	test_usage(registry);
	registry_close(registry);
	snprintf(command, sizeof command, "rm -r %s", folder);
	return system(command);
}
