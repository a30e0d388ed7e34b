// SPDX-License-Identifier: Apache-2.0
/* Snapshots of disks, what goes back to one, and forks. */
#include "gateway/http/dialect/sandbox0/more.h"

#include <stddef.h>

#include "common/clock.h"
#include "common/timestamp.h"
#include "gateway/http/dialect/listing.h"
#include "gateway/http/dialect/native/time_wish.h"
#include "gateway/http/service/snapshots.h"

struct wish {
	const char *name, *description, *expires;
};
#define WISH(field) offsetof(struct wish, field)
static const struct field wish_fields[] = {
    {"name", FIELD_NAME, WISH(name), 0, 63, "yours to choose"},
    {"description", FIELD_STRING, WISH(description), 0, 255,
	"yours to choose"},
    {"expires_at", FIELD_STRING, WISH(expires), 0, 31,
	"when it goes by itself; never where left out"},
};
FIELD_TABLE(sandbox0_snapshot_wish, struct wish, wish_fields);

static json_t *
print(const struct rpc_snapshot_info *snapshot)
{
	json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:o, s:I}", "id",
	    snapshot->id, "sandbox_id", snapshot->sandbox, "name",
	    snapshot->name, "description", snapshot->description,
	    "created_at", sandbox0_time(snapshot->created_ms), "size_bytes",
	    (json_int_t)snapshot->bytes);

	if (object != NULL && snapshot->expires_ms != 0)
		(void)json_object_set_new(object, "expires_at",
		    sandbox0_time(snapshot->expires_ms));
	return object;
}

static void
on_created(void *arg, const struct rpc_snapshot_info *snapshot,
    const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		sandbox0_reply(arg, 201, print(snapshot));
}

static int
read_expiry(const char *text, uint64_t *ret_ttl_s, struct failure *failure)
{
	const uint64_t now_ms = clock_unix_ms();
	uint64_t at_ms;

	if (text == NULL)
		return 0;
	if (timestamp_parse(text, &at_ms) < 0 || at_ms <= now_ms)
		return failure_of_field(failure, "expires_at",
		    "must be a time to come, such as 2031-01-31T23:59:59Z");
	*ret_ttl_s = (at_ms - now_ms + 999) / 1000;
	return 0;
}

void
sandbox0_create_snapshot(struct exchange *exchange)
{
	const struct wish *wish = exchange_input(exchange);
	struct rpc_snapshot_create_req request = {
	    .id = exchange_param(exchange, "id"), .name = wish->name,
	    .description = wish->description != NULL ? wish->description :
	    ""};
	struct failure failure;

	if (read_expiry(wish->expires, &request.ttl_s, &failure) < 0)
		exchange_fail(exchange, &failure);
	else
		snapshots_create(exchange_who(exchange), &request, on_created,
		    exchange);
}

static int
add(void *arg, const struct rpc_snapshot_info *snapshot)
{
	return listing_add(arg, print(snapshot));
}

static void
on_listed(void *arg, const struct err *err)
{
	struct listing *listing = arg;
	json_t *list = listing_end(listing, err);

	if (list != NULL)
		sandbox0_reply(listing->exchange, 200, json_pack("{s:o, s:I}",
		    "snapshots", list, "count",
		    (json_int_t)json_array_size(list)));
}

void
sandbox0_list_snapshots(struct exchange *exchange)
{
	struct listing *listing = listing_begin(exchange);

	if (listing != NULL)
		snapshots_list(exchange_who(exchange),
		    exchange_param(exchange, "id"), add, on_listed, listing);
}

static void
on_got(void *arg, const struct rpc_snapshot_info *snapshot,
    const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		sandbox0_reply(arg, 200, print(snapshot));
}

void
sandbox0_get_snapshot(struct exchange *exchange)
{
	snapshots_get(exchange_who(exchange), exchange_param(exchange,
	    "snapshot"), on_got, exchange);
}

static void
on_removed(void *arg, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		sandbox0_reply(arg, 200, json_pack("{s:b}", "deleted", 1));
}

void
sandbox0_remove_snapshot(struct exchange *exchange)
{
	snapshots_remove(exchange_who(exchange), exchange_param(exchange,
	    "snapshot"), on_removed, exchange);
}

static const struct field restore_fields[] = {
    {"snapshot_id", FIELD_NAME, 0, 1, 63, "by its id or name",
	"the id of a snapshot"},
};
FIELD_TABLE(sandbox0_restore_wish, const char *, restore_fields);

static void
on_restored(void *arg, const struct sandboxes_view *sandbox,
    const struct err *err)
{
	const char *const *snapshot = exchange_input(arg);

	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		sandbox0_reply(arg, 200, json_pack("{s:s, s:s, s:s}",
		    "sandbox_id", sandbox->info.id, "snapshot_id", *snapshot,
		    "status", sandbox0_status(&sandbox->info)));
}

void
sandbox0_restore(struct exchange *exchange)
{
	const char *const *snapshot = exchange_input(exchange);

	sandboxes_restore(exchange_who(exchange),
	    exchange_param(exchange, "id"), *snapshot, on_restored, exchange);
}

/* -- forks */

struct fork_config {
	struct time_wish time;
};
#define TIME(field) offsetof(struct fork_config, time.field)
static const struct field fork_config_fields[] = {
    {"ttl", FIELD_SECONDS, TIME(ttl_s), 0, TIME_WISH_MAX,
	"seconds until it is paused; 0 = never"},
    {"hard_ttl", FIELD_SECONDS, TIME(hard_ttl_s), 0, TIME_WISH_MAX,
	"seconds until it is cleaned; 0 = never"},
};
static FIELD_TABLE(sandbox0_fork_config, struct fork_config,
    fork_config_fields);

static const struct field fork_fields[] = {
    {"config", FIELD_OBJECT, 0, .text = "what of it is different",
	.table = &sandbox0_fork_config},
};
FIELD_TABLE(sandbox0_fork_wish, struct field_objects, fork_fields);

static void
on_fork_timed(void *arg, const struct sandboxes_view *sandbox,
    const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		sandbox0_reply(arg, 201, json_pack("{s:s, s:o}",
		    "source_sandbox_id", exchange_param(arg, "id"),
		    "sandbox", sandbox0_sandbox(arg, sandbox)));
}

static void
on_forked(void *arg, const struct sandboxes_view *sandbox,
    const struct err *failure)
{
	const struct field_objects *wish = exchange_input(arg);
	const struct fork_config *config = wish->items;
	struct rpc_sandbox_change_req change = {0};
	uint8_t buffer[TIME_WISH_BYTES];
	struct err err;

	if (failure != NULL || wish->count == 0) {
		on_fork_timed(arg, sandbox, failure);
		return;
	}
	change.id = sandbox->info.id;
	if (time_wish_encode(&config->time, buffer, &change.lifetime, &err) <
	    0)
		exchange_fail_err(arg, &err);
	else
		sandboxes_change(exchange_who(arg), &change, on_fork_timed,
		    arg);
}

void
sandbox0_fork(struct exchange *exchange)
{
	const struct rpc_sandbox_fork_req wish = {.id =
	    exchange_param(exchange, "id")};

	sandboxes_fork(exchange_who(exchange), &wish, on_forked, exchange);
}
