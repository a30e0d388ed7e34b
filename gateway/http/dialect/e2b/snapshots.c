// SPDX-License-Identifier: Apache-2.0
/* Snapshots: of a disk; what is made from one begins its processes anew. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/parse.h"
#include "gateway/http/dialect/e2b/answer.h"
#include "gateway/http/service/snapshots.h"

#define LIMIT_MAX 1000

struct wish {
	const char *name;
};
static const struct field wish_fields[] = {
    {"name", FIELD_NAME, offsetof(struct wish, name), 1, 63,
	"yours to choose"},
};
FIELD_TABLE(e2b_snapshot_wish, struct wish, wish_fields);

static json_t *
print(const struct rpc_snapshot_info *snapshot)
{
	json_t *names = json_array();

	if (snapshot->name[0] != '\0')
		(void)json_array_append_new(names,
		    json_string(snapshot->name));
	return json_pack("{s:s, s:o}", "snapshotID", snapshot->id, "names",
	    names);
}

static void
on_created(void *arg, const struct rpc_snapshot_info *snapshot,
    const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		exchange_reply(arg, 201, print(snapshot));
}

void
e2b_create_snapshot(struct exchange *exchange)
{
	const struct wish *wish = exchange_input(exchange);
	const struct rpc_snapshot_create_req request = {
	    .id = exchange_param(exchange, "id"), .name = wish->name,
	    .description = ""};
	struct err err;

	if (sandbox_id_is_valid(request.id)) {
		snapshots_create(exchange_who(exchange), &request, on_created,
		    exchange);
		return;
	}
	err_set(&err, ENOENT, "%s: no such sandbox", request.id);
	exchange_fail_err(exchange, &err);
}

struct listing {
	struct exchange *exchange;
	char sandbox[SANDBOX_ID_SIZE]; /* "" = of any */
	const char *after;
	uint64_t limit;
	char last[SANDBOX_ID_SIZE];
	bool is_more;
	json_t *list; /* owned until it is told */
};

static int
add(void *arg, const struct rpc_snapshot_info *snapshot)
{
	struct listing *listing = arg;

	if (strcmp(snapshot->id, listing->after) <= 0 || listing->is_more)
		return 0;
	listing->is_more = json_array_size(listing->list) == listing->limit;
	if (listing->is_more)
		return 0;
	snprintf(listing->last, sizeof listing->last, "%s", snapshot->id);
	return json_array_append_new(listing->list, print(snapshot)) < 0 ?
	    -ENOMEM : 0;
}

static void
on_listed(void *arg, const struct err *err)
{
	struct listing *listing = arg;
	json_t *list = listing->list;

	if (err != NULL) {
		json_decref(list);
		exchange_fail_err(listing->exchange, err);
		return;
	}
	if (listing->is_more)
		exchange_add_header(listing->exchange, "x-next-token", "%s",
		    listing->last);
	exchange_reply(listing->exchange, 200, list);
}

void
e2b_list_snapshots(struct exchange *exchange)
{
	struct listing *listing = exchange_memory(exchange, sizeof *listing);
	const char *limit = exchange_query(exchange, "limit");
	const char *name = exchange_query(exchange, "name");
	struct err err = {ENOMEM, "out of memory"};

	if (listing == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	*listing = (struct listing){.exchange = exchange, .limit = LIMIT_MAX,
	    .after = exchange_query(exchange, "nextToken")};
	snprintf(listing->sandbox, sizeof listing->sandbox, "%s",
	    exchange_query(exchange, "sandboxID"));
	sandbox_id_respell(listing->sandbox);
	err.code = 0;
	if (*limit != '\0' && (parse_u64(limit, &listing->limit) < 0 ||
	    listing->limit < 1 || listing->limit > LIMIT_MAX))
		err_set(&err, EINVAL, "limit: must be from 1 to %d",
		    LIMIT_MAX);
	else if (*name != '\0')
		err_set(&err, EINVAL, "name: is not looked for; list all");
	else if (listing->sandbox[0] != '\0' &&
	    !sandbox_id_is_valid(listing->sandbox))
		err_set(&err, ENOENT, "%s: no such sandbox",
		    listing->sandbox);
	if (err.code != 0) {
		exchange_fail_err(exchange, &err);
		return;
	}
	listing->list = json_array();
	snapshots_list(exchange_who(exchange), listing->sandbox, add,
	    on_listed, listing);
}

static void
on_removed(void *arg, const struct err *err)
{
	answer_nothing(arg, err);
}

/* What is called a template there is one of ours, which is not removed so. */
void
e2b_remove_snapshot(struct exchange *exchange)
{
	const char *which = exchange_param(exchange, "template");
	struct err err;

	if (snapshot_id_is_valid(which)) {
		snapshots_remove(exchange_who(exchange), which, on_removed,
		    exchange);
		return;
	}
	err_set(&err, ENOENT, "%s: no such snapshot", which);
	exchange_fail_err(exchange, &err);
}
