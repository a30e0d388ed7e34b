// SPDX-License-Identifier: Apache-2.0
/* What befell sandboxes: /events/sandboxes, of one or of all, the newest first;
 * and what their processes begin with. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/event.h"
#include "common/parse.h"
#include "gateway/http/dialect/sandbase/sandbase.h"
#include "gateway/http/service/events.h"
#include "gateway/http/service/sandboxes.h"

#define LIMIT	  100 /* where none is asked for */
#define NAME_SIZE 256 /* of a variable */

void
sandbase_event_type(const char *kind, char ret[SANDBASE_EVENT_TYPE_SIZE])
{
	const enum event_kind found = event_kind_find(kind);
	const char *word = found < N_EVENT_KINDS ?
	    event_kind_lifecycle(found) : NULL;

	snprintf(ret, SANDBASE_EVENT_TYPE_SIZE, "sandbox.%s%s",
	    word != NULL ? "lifecycle." : "", word != NULL ? word : kind);
}

static json_t *
to_json(const struct rpc_event_info *event)
{
	char id[FIELD_DIGITS_SIZE], sandbox_id[SANDBOX_ID_SIZE];
	char type[SANDBASE_EVENT_TYPE_SIZE];

	snprintf(id, sizeof id, "%llu", (unsigned long long)event->id);
	sandbox_id_spell(event->sandbox_id, sandbox_id);
	sandbase_event_type(event->kind, type);
	return json_pack("{s:s, s:s, s:s, s:s, s:{s:s, s:s}, s:o}", "id", id,
	    "resourceType", "sandbox", "type", type, "sandboxID", sandbox_id,
	    "data", "reason", event->cause, "actor", event->actor,
	    "createdAt", field_time(event->at_ms));
}

static void
on_list(void *arg, struct records *events, bool has_more,
    const struct err *failure)
{
	const struct err malformed = {EBADMSG, "malformed list"};
	struct rpc_event_info event;
	json_t *list;
	int r;

	(void)has_more;
	if (failure != NULL) {
		exchange_fail_err(arg, failure);
		return;
	}
	list = json_array();
	while ((r = records_next(events, &event)) > 0)
		(void)json_array_insert_new(list, 0, to_json(&event));
	if (r == 0) {
		exchange_reply(arg, 200, list);
		return;
	}
	json_decref(list);
	exchange_fail_err(arg, &malformed);
}

void
sandbase_list_history(struct exchange *exchange)
{
	const char *limit = exchange_query(exchange, "limit");
	events_wish wish = {.id = exchange_param(exchange, "id"),
	    .kinds = "", .is_newest = true};
	struct failure failure;
	uint64_t n = LIMIT;

	if (*limit != '\0' && (parse_u64(limit, &n) < 0 || n == 0 ||
	    n > EVENTS_LIMIT_MAX)) {
		failure_of_field(&failure, "limit", "must be from 1 to %d",
		    EVENTS_LIMIT_MAX);
		exchange_fail(exchange, &failure);
		return;
	}
	wish.limit = (uint32_t)n;
	events_list(exchange_who(exchange), &wish, on_list, exchange);
}

static void
on_env(void *arg, const struct rpc_strv *env, const struct err *err)
{
	json_t *map;
	const char *at;

	if (err != NULL) {
		exchange_fail_err(arg, err);
		return;
	}
	map = json_object();
	at = env->data;
	for (uint32_t i = 0; i < env->count; i++) {
		const char *value = strchr(at, '=');
		char name[NAME_SIZE];

		if (value != NULL && value - at < (int)sizeof name) {
			snprintf(name, sizeof name, "%.*s", (int)(value - at),
			    at);
			(void)json_object_set_new(map, name,
			    json_string(value + 1));
		}
		at += strlen(at) + 1;
	}
	exchange_reply(arg, 200, map);
}

void
sandbase_get_env(struct exchange *exchange)
{
	sandboxes_env(exchange_who(exchange), exchange_param(exchange, "id"),
	    on_env, exchange);
}
