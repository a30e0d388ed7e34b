// SPDX-License-Identifier: Apache-2.0
/* What befell a sandbox, in the words of Sandbox0's audit. Nothing of it is
 * signed, and it says so. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/event.h"
#include "common/parse.h"
#include "gateway/http/back/identity.h"
#include "gateway/http/dialect/sandbox0/observability.h"
#include "gateway/http/service/events.h"

#define ID_SIZE	   24
#define EVENT_UUID "00000000-0000-4000-8000-%012" PRIx64
#define UUID_SIZE  37

/* How its product says each of ours. */
static const struct {
	const char *source, *type, *action, *outcome;
} words[N_EVENT_KINDS] = {
    [EVENT_KIND_CREATED] = {"manager", "lifecycle", "sandbox.create",
	"accepted"},
    [EVENT_KIND_CLAIMED] = {"manager", "lifecycle", "sandbox.claim",
	"succeeded"},
    [EVENT_KIND_STARTED] = {"manager", "lifecycle", "sandbox.start",
	"succeeded"},
    [EVENT_KIND_CONNECTED] = {"cluster_gateway", "api_access", "ssh.connect",
	"succeeded"},
    [EVENT_KIND_DISCONNECTED] = {"cluster_gateway", "api_access",
	"ssh.disconnect", "completed"},
    [EVENT_KIND_EXEC] = {"cluster_gateway", "process", "process.exec",
	"accepted"},
    [EVENT_KIND_PAUSED] = {"manager", "lifecycle", "sandbox.pause",
	"succeeded"},
    [EVENT_KIND_RESUMED] = {"manager", "lifecycle", "sandbox.resume",
	"succeeded"},
    [EVENT_KIND_SUSPENDED] = {"manager", "lifecycle", "sandbox.suspend",
	"succeeded"},
    [EVENT_KIND_WOKEN] = {"manager", "lifecycle", "sandbox.wake",
	"succeeded"},
    [EVENT_KIND_CLEANED] = {"manager", "lifecycle", "sandbox.clean",
	"succeeded"},
    [EVENT_KIND_EXPIRED] = {"manager", "lifecycle", "sandbox.expire",
	"completed"},
    [EVENT_KIND_CHANGED] = {"manager", "lifecycle", "sandbox.update",
	"succeeded"},
    [EVENT_KIND_RESIZED] = {"manager", "lifecycle", "sandbox.resize",
	"succeeded"},
    [EVENT_KIND_SNAPSHOT] = {"manager", "lifecycle", "rootfs.snapshot",
	"succeeded"},
    [EVENT_KIND_FORKED] = {"manager", "lifecycle", "sandbox.fork",
	"succeeded"},
    [EVENT_KIND_RESTORED] = {"manager", "lifecycle", "rootfs.restore",
	"succeeded"},
    [EVENT_KIND_KILLED] = {"manager", "process", "process.kill",
	"succeeded"},
    [EVENT_KIND_OOM] = {"ctld", "process", "process.oom", "failed"},
    [EVENT_KIND_DENIED] = {"netd", "network_audit", "network.connect",
	"denied"},
    [EVENT_KIND_FAILED] = {"manager", "lifecycle", "sandbox.create",
	"failed"},
    [EVENT_KIND_DESTROYED] = {"manager", "lifecycle", "sandbox.delete",
	"succeeded"},
    [EVENT_KIND_LIMITED] = {"netd", "network_audit", "network.limit",
	"denied"},
};

/* The words of one event. */
struct told {
	const char *source, *type, *action, *outcome, *resource, *actor_kind;
	char id[UUID_SIZE], operation[ID_SIZE];
};

/* What is asked for; each "" = any. */
static const char *const filters[] = {"source", "event_type", "outcome",
    "actor_kind", "actor_id", "action", "resource_type", "operation_id",
    "event_id"};

static const char *
actor_kind_of(const struct rpc_event_info *info, const char *type)
{
	if (strcmp(type, "network_audit") == 0)
		return "sandbox_workload";
	if (strcmp(info->actor, "host") == 0)
		return "service";
	return strstr(info->actor, " token") != NULL ? "api_key" :
	    strcmp(type, "api_access") == 0 ? "ssh_user" : "human";
}

static void
say(const struct rpc_event_info *info, struct told *ret)
{
	const size_t kind = event_kind_find(info->kind);

	ret->source = "manager";
	ret->type = "lifecycle";
	ret->action = info->kind;
	ret->outcome = "unknown";
	if (kind < N_EVENT_KINDS && words[kind].type != NULL) {
		ret->source = words[kind].source;
		ret->type = words[kind].type;
		ret->action = words[kind].action;
		ret->outcome = words[kind].outcome;
	}
	ret->resource = strcmp(ret->type, "network_audit") == 0 ?
	    "sandbox_network" : "sandbox";
	ret->actor_kind = actor_kind_of(info, ret->type);
	snprintf(ret->id, sizeof ret->id, EVENT_UUID, info->id &
	    0xffffffffffff);
	snprintf(ret->operation, sizeof ret->operation, "%" PRIu64, info->id);
}

/* Whether it is one of those asked for. */
static bool
matches(const struct exchange *exchange, const struct rpc_event_info *info,
    const struct told *told)
{
	const char *const have[] = {told->source, told->type, told->outcome,
	    told->actor_kind, info->actor, told->action, told->resource,
	    told->operation, told->id};

	for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
		const char *want = exchange_query(exchange, filters[i]);

		if (*want != '\0' && strcmp(want, have[i]) != 0)
			return false;
	}
	return true;
}

/* NULL: out of memory, or it is not asked for. */
static json_t *
print(const struct exchange *exchange, const struct rpc_event_info *info)
{
	struct told told;
	json_t *event;

	say(info, &told);
	if (!matches(exchange, info, &told))
		return NULL;
	event = json_pack("{s:s, s:i, s:s, s:s, s:s, s:s, s:o, s:o, s:s, s:s, "
	    "s:s, s:s, s:s, s:s}", "event_id", told.id, "schema_version", 2,
	    "team_id", identity_org(exchange_who(exchange)), "sandbox_id",
	    info->sandbox_id, "region_id", "local", "cluster_id", "sandgate",
	    "occurred_at", sandbox0_time(info->at_ms), "ingested_at",
	    sandbox0_time(info->at_ms), "source", told.source, "event_type",
	    told.type, "phase", "effect", "outcome", told.outcome, "action",
	    told.action, "operation_id", told.operation);
	if (event == NULL)
		return NULL;
	(void)json_object_set_new(event, "actor", json_pack("{s:s, s:s}",
	    "kind", told.actor_kind, "id", info->actor));
	(void)json_object_set_new(event, "resource", json_pack("{s:s, s:s}",
	    "type", told.resource, "id", info->sandbox_id));
	(void)json_object_set_new(event, "producer", json_pack("{s:s, s:I}",
	    "service", "sandboxd", "sequence", (json_int_t)info->id));
	(void)json_object_set_new(event, "integrity", json_pack(
	    "{s:s, s:s, s:s, s:s, s:s}", "algorithm", "ed25519-sha256-v1",
	    "payload_hash", "", "signature", "", "signing_key_id", "",
	    "signature_status", "unavailable"));
	(void)json_object_set_new(event, "attributes", json_pack(
	    "{s:s, s:s}", "kind", info->kind, "cause", info->cause));
	return event;
}

/* -- a page */

struct listing {
	struct exchange *exchange;
	struct sandbox0_range range;
	events_wish wish;
	json_t *events; /* owned */
	uint64_t last_id;
	bool is_full;
};

static void
on_listing_gone(void *arg)
{
	struct listing *listing = arg;

	json_decref(listing->events);
}

static void
reply(struct listing *listing)
{
	char cursor[ID_SIZE];
	json_t *data;

	snprintf(cursor, sizeof cursor, "%" PRIu64, listing->last_id);
	data = json_pack("{s:O, s:s*, s:s*}", "events", listing->events,
	    "next_cursor", listing->is_full ? cursor : NULL, "watermark",
	    listing->last_id != 0 ? cursor : NULL);
	sandbox0_reply(listing->exchange, 200, data);
}

static void on_page(void *arg, struct records *events, bool has_more,
    const struct err *err);

static void
ask(struct listing *listing)
{
	listing->wish.after_id = listing->last_id;
	events_list(exchange_who(listing->exchange), &listing->wish, on_page,
	    listing);
}

static void
on_page(void *arg, struct records *events, bool has_more,
    const struct err *err)
{
	struct listing *listing = arg;
	struct rpc_event_info info;

	if (err != NULL) {
		exchange_fail_err(listing->exchange, err);
		return;
	}
	while (!listing->is_full && records_next(events, &info) > 0) {
		json_t *event = info.at_ms <= listing->range.to_ms ?
		    print(listing->exchange, &info) : NULL;

		listing->last_id = info.id;
		if (event != NULL)
			(void)json_array_append_new(listing->events, event);
		listing->is_full = json_array_size(listing->events) ==
		    listing->range.limit;
	}
	if (has_more && !listing->is_full)
		ask(listing);
	else
		reply(listing);
}

static void
list(struct exchange *exchange, const struct sandbox0_range *range,
    const events_wish *wish)
{
	struct listing *listing = exchange_memory(exchange, sizeof *listing);
	const struct exchange_stream stream = {.gone = on_listing_gone,
	    .arg = listing};
	const struct err err = {ENOMEM, "out of memory"};

	if (listing == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	listing->exchange = exchange;
	listing->range = *range;
	listing->wish = *wish;
	listing->wish.limit = EVENTS_LIMIT_MAX;
	listing->last_id = wish->after_id;
	listing->events = json_array();
	exchange_set_stream(exchange, &stream);
	ask(listing);
}

/* -- as they come */

struct watching {
	struct exchange *exchange;
	struct events_follow *follow;
	struct sandbox0_lines lines;
	bool is_begun, is_ended;
	bool is_past; /* the first page is of what was before */
};

static void
on_events(void *arg, struct records *events)
{
	struct watching *watching = arg;
	struct rpc_event_info info = {.id = 0};
	char cursor[ID_SIZE];

	if (!watching->is_begun)
		exchange_reply_stream(watching->exchange, 200,
		    "application/x-ndjson", REPLY_UNKNOWN);
	watching->is_begun = true;
	while (records_next(events, &info) > 0) {
		json_t *event = watching->is_past ? NULL :
		    print(watching->exchange, &info);

		if (event != NULL)
			sandbox0_add_line(&watching->lines, "event", event,
			    NULL);
	}
	watching->is_past = false;
	snprintf(cursor, sizeof cursor, "%" PRIu64, info.id);
	if (info.id != 0)
		sandbox0_add_line(&watching->lines, "watermark", NULL,
		    cursor);
	if (outbox_is_full(&watching->lines.out))
		events_hold(watching->follow, true);
	exchange_proceed(watching->exchange);
}

static void
on_ended(void *arg, const struct err *err)
{
	struct watching *watching = arg;

	watching->is_ended = true;
	if (!watching->is_begun)
		exchange_fail_err(watching->exchange, err);
	else
		exchange_proceed(watching->exchange);
}

static ssize_t
give(void *arg, void *data, size_t size)
{
	struct watching *watching = arg;
	size_t n = outbox_take(&watching->lines.out, data, size);

	if (watching->lines.failed < 0)
		return watching->lines.failed;
	if (!outbox_is_full(&watching->lines.out))
		events_hold(watching->follow, false);
	return n > 0 ? (ssize_t)n : watching->is_ended ? -ENODATA : 0;
}

static void
on_gone(void *arg)
{
	struct watching *watching = arg;

	events_close(watching->follow);
	outbox_fini(&watching->lines.out);
}

static void
watch(struct exchange *exchange, const events_wish *asked)
{
	struct watching *watching = exchange_memory(exchange,
	    sizeof *watching);
	const struct events_client client = {on_events, on_ended, watching};
	const struct exchange_stream stream = {.give = give, .gone = on_gone,
	    .arg = watching};
	struct err err = {ENOMEM, "out of memory"};
	events_wish wish = *asked;

	if (watching == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	watching->exchange = exchange;
	watching->is_past = wish.after_id == 0 && wish.since_ms == 0;
	wish.is_newest = watching->is_past;
	wish.limit = watching->is_past ? 1 : EVENTS_LIMIT_MAX;
	exchange_set_stream(exchange, &stream);
	if (events_follow(exchange_who(exchange), &wish, &client,
	    &watching->follow, &err) < 0)
		exchange_fail_err(exchange, &err);
}

void
sandbox0_list_observed_events(struct exchange *exchange)
{
	events_wish wish = {.id = exchange_param(exchange, "id"),
	    .kinds = ""};
	struct sandbox0_range range;
	struct failure failure;
	int r = sandbox0_read_range(exchange, &range, &failure);

	wish.since_ms = range.from_ms;
	if (r == 0 && *range.cursor != '\0' && (parse_u64(range.cursor,
	    &wish.after_id) < 0 || wish.after_id == 0))
		r = failure_of_field(&failure, "cursor",
		    "must be one that was told before");
	if (r < 0)
		exchange_fail(exchange, &failure);
	else if (range.is_watched)
		watch(exchange, &wish);
	else
		list(exchange, &range, &wish);
}
