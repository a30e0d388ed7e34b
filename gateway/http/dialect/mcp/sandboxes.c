// SPDX-License-Identifier: Apache-2.0
/* Sandboxes in few words: what a model needs to choose one. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/json_load.h"
#include "common/parse.h"
#include "common/timestamp.h"
#include "gateway/http/dialect/mcp/mcp.h"
#include "gateway/http/service/sandboxes.h"

#define LIMIT_MAX 100

struct wish {
	const char *after;
	uint32_t limit;
};
static const struct field wish_fields[] = {
    {"after", FIELD_STRING, offsetof(struct wish, after), 0,
	SANDBOX_ID_SIZE - 1, "those behind this id alone"},
    {"limit", FIELD_U32, offsetof(struct wish, limit), 1, LIMIT_MAX,
	"at most so many"},
};
FIELD_TABLE(mcp_list_wish, struct wish, wish_fields);

struct listing {
	struct exchange *exchange;
	json_t *list;
	char after[SANDBOX_ID_SIZE], last[SANDBOX_ID_SIZE];
	uint32_t limit;
	bool is_more;
};

static json_t *
print(const struct rpc_sandbox_info *info)
{
	char created[TIMESTAMP_SIZE];
	json_t *metadata = *info->metadata != '\0'
			       ? json_load_whole(info->metadata,
				     strlen(info->metadata), 0, NULL)
			       : NULL;

	timestamp_format(info->created_ms, created);
	return json_pack("{s:s, s:s*, s:s, s:s, s:s, s:o*}", "id", info->id,
	    "name", *info->name != '\0' ? info->name : NULL, "template",
	    info->template_name, "state", info->state, "created_at", created,
	    "metadata", metadata);
}

static int
add(void *arg, const struct sandboxes_view *sandbox)
{
	struct listing *listing = arg;

	if (json_array_size(listing->list) == listing->limit) {
		listing->is_more = true;
		return 1;
	}
	snprintf(listing->last, sizeof listing->last, "%s", sandbox->info.id);
	return json_array_append_new(listing->list, print(&sandbox->info)) < 0
		   ? -ENOMEM
		   : 0;
}

static void
on_listed(void *arg, const struct err *err)
{
	struct listing *listing = arg;

	if (err == NULL) {
		exchange_reply(listing->exchange, 200,
		    json_pack("{s:o, s:s?}", "sandboxes", listing->list, "next",
			listing->is_more ? listing->last : NULL));
		return;
	}
	json_decref(listing->list);
	exchange_fail_err(listing->exchange, err);
}

void
mcp_list_sandboxes(struct exchange *exchange)
{
	const struct wish *wish = exchange_input(exchange);
	struct listing *listing = exchange_memory(exchange, sizeof *listing);
	const struct err err = {ENOMEM, "out of memory"};

	if (listing == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	*listing = (struct listing){.exchange = exchange,
	    .list = json_array(),
	    .limit = wish->limit != 0 ? wish->limit : LIMIT_MAX};
	snprintf(listing->after, sizeof listing->after, "%s",
	    wish->after != NULL ? wish->after : "");
	sandbox_id_respell(listing->after);
	sandboxes_list(exchange_who(exchange), false, listing->after, add,
	    on_listed, listing);
}
