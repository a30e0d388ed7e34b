// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stddef.h>

#include "common/parse.h"
#include "gateway/http/dialect/listing.h"
#include "gateway/http/dialect/native/native.h"
#include "gateway/http/service/sandboxes.h"
#include "gateway/http/service/snapshots.h"

#define SECONDS_MAX 315360000

struct wish {
	const char *name, *description;
	uint64_t ttl_s;
};

static const struct field wish_fields[] = {
    {"name", FIELD_NAME, offsetof(struct wish, name), 1, 63,
	"yours to choose; no two of the organisation have one"},
    {"description", FIELD_STRING, offsetof(struct wish, description), 1, 255,
	"what it is good for"},
    {"ttl", FIELD_SECONDS, offsetof(struct wish, ttl_s), 0, SECONDS_MAX,
	"until it is removed; never, where it is left out or 0"},
};
FIELD_TABLE(native_snapshot_wish, struct wish, wish_fields);

#define INFO(field) offsetof(struct rpc_snapshot_info, field)

static const struct field fields[] = {
    {"id", FIELD_STRING, INFO(id), .text = "what it is called for ever"},
    {"name", FIELD_STRING, INFO(name), .text = "what it was called",
	.is_nullable = true},
    {"description", FIELD_STRING, INFO(description),
	.text = "what it is good for", .is_nullable = true},
    {"sandbox", FIELD_STRING, INFO(sandbox),
	.text = "whose disk it is of, there or not"},
    {"template", FIELD_STRING, INFO(template_name), .text = "that one's"},
    {"owner", FIELD_STRING, INFO(owner), .text = "the user who made it",
	.is_nullable = true},
    {"private", FIELD_BOOLEAN, INFO(is_private),
	.text = "seen by its owner and admins alone"},
    {"created_at", FIELD_TIME, INFO(created_ms), .text = "when"},
    {"expires_at", FIELD_TIME, INFO(expires_ms),
	.text = "when it is removed"},
    {"disk", FIELD_SIZE, INFO(disk_limit_bytes),
	.text = "what a sandbox made from it may write at least"},
    {"size", FIELD_SIZE, INFO(bytes),
	.text = "what is in it; counts against max_disk"},
    {"frozen_us", FIELD_U64, INFO(still_us),
	.text = "how long its sandbox stood still for it, in microseconds"},
};
FIELD_TABLE(native_snapshot, struct rpc_snapshot_info, fields);

static void
end(struct exchange *exchange, unsigned int status,
    const struct rpc_snapshot_info *snapshot, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(exchange, err);
	else
		exchange_reply(exchange, status,
		    field_print(&native_snapshot, snapshot));
}

static void
on_created(void *arg, const struct rpc_snapshot_info *snapshot,
    const struct err *err)
{
	end(arg, 201, snapshot, err);
}

/* What cannot be a sandbox is refused here, in the words sandboxd would use. */
static bool
has_sandbox(struct exchange *exchange, const char *id)
{
	struct err err;

	if (sandbox_id_is_valid(id))
		return true;
	err_set(&err, ENOENT, "%s: no such sandbox", id);
	exchange_fail_err(exchange, &err);
	return false;
}

void
native_create_snapshot(struct exchange *exchange)
{
	const struct wish *wish = exchange_input(exchange);
	const struct rpc_snapshot_create_req request = {
	    .id = exchange_param(exchange, "id"), .name = wish->name,
	    .description = wish->description != NULL ? wish->description : "",
	    .ttl_s = wish->ttl_s != FIELD_NEVER ? wish->ttl_s : 0};

	if (has_sandbox(exchange, request.id))
		snapshots_create(exchange_who(exchange), &request, on_created,
		    exchange);
}

static void
on_got(void *arg, const struct rpc_snapshot_info *snapshot,
    const struct err *err)
{
	end(arg, 200, snapshot, err);
}

void
native_get_snapshot(struct exchange *exchange)
{
	snapshots_get(exchange_who(exchange),
	    exchange_param(exchange, "snapshot"), on_got, exchange);
}

void
native_remove_snapshot(struct exchange *exchange)
{
	snapshots_remove(exchange_who(exchange),
	    exchange_param(exchange, "snapshot"), exchange_done, exchange);
}

static int
add(void *arg, const struct rpc_snapshot_info *snapshot)
{
	return listing_add(arg, field_print(&native_snapshot, snapshot));
}

static void
on_listed(void *arg, const struct err *err)
{
	struct listing *listing = arg;
	json_t *list = listing_end(listing, err);

	if (list != NULL)
		exchange_reply(listing->exchange, 200, json_pack("{s:o}",
		    "snapshots", list));
}

static void
list_of(struct exchange *exchange, const char *sandbox)
{
	struct listing *listing = listing_begin(exchange);

	if (listing != NULL)
		snapshots_list(exchange_who(exchange), sandbox, add, on_listed,
		    listing);
}

void
native_list_snapshots(struct exchange *exchange)
{
	list_of(exchange, "");
}

/* Those of a sandbox that is gone, too. */
void
native_list_sandbox_snapshots(struct exchange *exchange)
{
	const char *id = exchange_param(exchange, "id");

	if (has_sandbox(exchange, id))
		list_of(exchange, id);
}
