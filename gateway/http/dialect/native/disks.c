// SPDX-License-Identifier: Apache-2.0
/* Disks, which outlive sandboxes; what is on them is artifacts.c's. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "common/parse.h"
#include "gateway/http/dialect/native/native.h"
#include "gateway/http/service/disks.h"

#define PAGE	 100
#define PAGE_MAX 1000

struct disk_wish {
	const char *name, *user;
};
#define WISH(field) offsetof(struct disk_wish, field)
static const struct field wish_fields[] = {
    {"name", FIELD_NAME, WISH(name), 1, 63, "yours to choose"},
    {"user", FIELD_STRING, WISH(user), 0, 255,
	"whom it is for, in words of the client's own"},
};
FIELD_TABLE(native_disk_wish, struct disk_wish, wish_fields);

#define INFO(field) offsetof(struct rpc_disk_info, field)
static const struct field disk_fields[] = {
    {"id", FIELD_STRING, INFO(id), .text = "what it is called for ever"},
    {"name", FIELD_STRING, INFO(name), .text = "what it was called",
	.is_nullable = true},
    {"user", FIELD_STRING, INFO(user), .text = "whom it is for",
	.is_nullable = true},
    {"owner", FIELD_STRING, INFO(owner), .text = "the user who made it",
	.is_nullable = true},
    {"created_at", FIELD_TIME, INFO(created_ms), .text = "when"},
    {"updated_at", FIELD_TIME, INFO(updated_ms), .text =
	"when something was last put on it or removed"},
    {"artifacts", FIELD_U64, INFO(n_artifacts), .text =
	"how many are on it"},
    {"bytes", FIELD_U64, INFO(bytes), .text =
	"what they add up to; counts against max_artifacts"},
};
FIELD_TABLE(native_disk, struct rpc_disk_info, disk_fields);

bool
native_read_limit(struct exchange *exchange, uint32_t *ret)
{
	const char *text = exchange_query(exchange, "limit");
	struct failure failure;
	uint64_t limit = PAGE;

	if (*text != '\0' && (parse_u64(text, &limit) < 0 || limit == 0 ||
	    limit > PAGE_MAX)) {
		failure_of_field(&failure, "limit", "must be from 1 to %d",
		    PAGE_MAX);
		exchange_fail(exchange, &failure);
		return false;
	}
	*ret = (uint32_t)limit;
	return true;
}

static void
on_created(void *arg, const struct rpc_disk_info *disk, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		exchange_reply(arg, 201, field_print(&native_disk, disk));
}

void
native_create_disk(struct exchange *exchange)
{
	const struct disk_wish *wish = exchange_input(exchange);
	const struct rpc_disk_create_req request = {
	    .name = wish->name != NULL ? wish->name : "",
	    .user = wish->user != NULL ? wish->user : ""};

	disks_create(exchange_who(exchange), &request, on_created, exchange);
}

static void
on_got(void *arg, const struct rpc_disk_info *disk, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		exchange_reply(arg, 200, field_print(&native_disk, disk));
}

void
native_get_disk(struct exchange *exchange)
{
	disks_get(exchange_who(exchange), exchange_param(exchange, "id"),
	    on_got, exchange);
}

void
native_remove_disk(struct exchange *exchange)
{
	disks_remove(exchange_who(exchange), exchange_param(exchange, "id"),
	    exchange_done, exchange);
}

static void
on_list(void *arg, struct records *records, bool has_more,
    struct rpc_strv folders, const struct err *failure)
{
	struct rpc_disk_info disk = {.id = ""};
	json_t *list;

	(void)folders;
	if (failure != NULL) {
		exchange_fail_err(arg, failure);
		return;
	}
	list = json_array();
	while (records_next(records, &disk) > 0)
		(void)json_array_append_new(list, field_print(&native_disk,
		    &disk));
	exchange_reply(arg, 200, json_pack("{s:o, s:o}", "disks", list,
	    "next", has_more ? json_string(disk.id) : json_null()));
}

void
native_list_disks(struct exchange *exchange)
{
	struct rpc_disk_list_req request = {
	    .user = exchange_query(exchange, "user"),
	    .after = exchange_query(exchange, "after")};

	if (native_read_limit(exchange, &request.limit))
		disks_list(exchange_who(exchange), &request, on_list,
		    exchange);
}
