// SPDX-License-Identifier: Apache-2.0
/* How long sandboxes ran, and with how much memory. */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>

#include "common/parse.h"
#include "gateway/http/dialect/native/native.h"
#include "gateway/http/service/usage.h"

#define LIMIT	  100 /* where none is asked for */
#define LIMIT_MAX 1000

#define INFO(field) offsetof(struct rpc_usage_info, field)
static const struct field fields[] = {
    {"id", FIELD_U64, INFO(id), .text =
	"of the event that ended it, larger than that of any before"},
    {"sandbox", FIELD_STRING, INFO(sandbox_id), .text = "which ran"},
    {"from", FIELD_TIME, INFO(from_ms), .text = "since when"},
    {"to", FIELD_TIME, INFO(to_ms), .text =
	"until when: its end, or that it was given another limit"},
    {"memory", FIELD_SIZE, INFO(memory_limit_bytes), .text =
	"what it might have"},
};
FIELD_TABLE(native_usage, struct rpc_usage_info, fields);

struct listing {
	struct exchange *exchange;
	json_t *usage; /* owned until it is told */
	uint64_t next_id, limit;
	bool is_more;
};

/* One more than is told is asked for, to know whether there are more. */
static int
take(void *arg, const struct rpc_usage_info *info)
{
	struct listing *listing = arg;

	if (json_array_size(listing->usage) == listing->limit) {
		listing->is_more = true;
		return 0;
	}
	listing->next_id = info->id;
	return json_array_append_new(listing->usage, field_print(&native_usage,
	    info)) < 0 ? -ENOMEM : 0;
}

static void
on_usage(void *arg, const struct err *err)
{
	struct listing *listing = arg;

	if (err == NULL) {
		exchange_reply(listing->exchange, 200, json_pack(
		    "{s:o, s:I, s:b}", "usage", listing->usage, "next",
		    (json_int_t)listing->next_id, "more", listing->is_more));
		return;
	}
	json_decref(listing->usage);
	exchange_fail_err(listing->exchange, err);
}

static int
read_query(const struct exchange *exchange, struct listing *listing,
    struct failure *failure)
{
	const char *since = exchange_query(exchange, "since");
	const char *limit = exchange_query(exchange, "limit");

	if (*since != '\0' && parse_u64(since, &listing->next_id) < 0)
		return failure_of_field(failure, "since",
		    "must be the next of an answer");
	if (*limit != '\0' && (parse_u64(limit, &listing->limit) < 0 ||
	    listing->limit == 0 || listing->limit > LIMIT_MAX))
		return failure_of_field(failure, "limit",
		    "must be from 1 to %d", LIMIT_MAX);
	return 0;
}

void
native_list_usage(struct exchange *exchange)
{
	struct listing *listing = exchange_memory(exchange, sizeof *listing);
	const struct err err = {ENOMEM, "out of memory"};
	struct failure failure;

	if (listing == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	*listing = (struct listing){.exchange = exchange, .limit = LIMIT};
	if (read_query(exchange, listing, &failure) < 0) {
		exchange_fail(exchange, &failure);
		return;
	}
	listing->usage = json_array();
	usage_list(exchange_who(exchange), listing->next_id,
	    listing->limit + 1, take, on_usage, listing);
}
