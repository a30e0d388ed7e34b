// SPDX-License-Identifier: Apache-2.0
/* Webhooks: where events are posted, and what became of that. */
#include <errno.h>
#include <stddef.h>

#include "common/parse.h"
#include "gateway/http/dialect/native/native.h"
#include "gateway/http/service/webhooks.h"

#define URL_MAX	   1023
#define SECRET_MAX 256
#define EVENTS_MAX 511
#define NAME_MAX_BYTES 127

struct webhook_wish {
	const char *url, *secret, *sandbox_id, *events, *name;
};
#define WISH(field) offsetof(struct webhook_wish, field)
static const struct field wish_fields[] = {
    {"url", FIELD_STRING, WISH(url), 1, URL_MAX,
	"http or https, to a public address", "1 to 1023 bytes"},
    {"secret", FIELD_STRING, WISH(secret), 0, SECRET_MAX,
	"what bodies are signed with (HMAC-SHA256); never told again"},
    {"sandbox", FIELD_STRING, WISH(sandbox_id), 0, SANDBOX_ID_SIZE - 1,
	"the only one whose events are posted; all of the organisation where "
	"left out, which is its administrators'"},
    {"events", FIELD_STRING, WISH(events), 0, EVENTS_MAX,
	"kinds of events, by commas; all where left out"},
    {"name", FIELD_STRING, WISH(name), 0, NAME_MAX_BYTES,
	"what it is called, for whom reads the list"},
};
FIELD_TABLE(native_webhook_wish, struct webhook_wish, wish_fields);

#define WEBHOOK(field) offsetof(struct rpc_webhook_info, field)
static const struct field webhook_fields[] = {
    {"id", FIELD_U64, WEBHOOK(id), .text = "its number"},
    {"url", FIELD_STRING, WEBHOOK(url), .text = "where to"},
    {"sandbox", FIELD_STRING, WEBHOOK(sandbox_id), .text =
	"whose events; null: all of the organisation's", .is_nullable = true},
    {"events", FIELD_STRING, WEBHOOK(kinds), .text =
	"kinds of events; null: all", .is_nullable = true},
    {"signed", FIELD_BOOLEAN, WEBHOOK(is_signed), .text =
	"whether it has a secret"},
    {"user", FIELD_STRING, WEBHOOK(user), .text = "who made it"},
    {"created_at", FIELD_TIME, WEBHOOK(created_ms), .text = "when"},
    {"last_at", FIELD_TIME, WEBHOOK(last_ms), .text =
	"when something was last posted; null: not since the gateway began"},
    {"last_status", FIELD_U32, WEBHOOK(last_status), .text =
	"what the other side said; 0: nothing"},
    {"last_error", FIELD_STRING, WEBHOOK(last_words), .text =
	"why it was not taken", .is_nullable = true},
    {"name", FIELD_STRING, WEBHOOK(name), .text = "what it is called",
	.is_nullable = true},
};
FIELD_TABLE(native_webhook, struct rpc_webhook_info, webhook_fields);

#define DELIVERY(field) offsetof(struct rpc_webhook_delivery, field)
static const struct field delivery_fields[] = {
    {"at", FIELD_TIME, DELIVERY(at_ms), .text = "when it was last tried"},
    {"event_id", FIELD_STRING, DELIVERY(event_id), .text = "of which event"},
    {"event_type", FIELD_STRING, DELIVERY(event_type), .text =
	"sandbox. and its kind, or webhook.test"},
    {"status", FIELD_U32, DELIVERY(status), .text =
	"what the other side said; 0: nothing"},
    {"tries", FIELD_U32, DELIVERY(tries), .text = "so far"},
    {"error", FIELD_STRING, DELIVERY(words), .text = "why it was not taken",
	.is_nullable = true},
};
FIELD_TABLE(native_delivery, struct rpc_webhook_delivery, delivery_fields);

const struct native_collection native_webhooks = {"webhooks",
    &records_webhooks, &native_webhook};

static void
on_added(void *arg, const struct rpc_webhook_info *webhook,
    const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		exchange_reply(arg, 201, field_print(&native_webhook,
		    webhook));
}

void
native_add_webhook(struct exchange *exchange)
{
	const struct webhook_wish *wish = exchange_input(exchange);
	struct rpc_webhook_add_req add = {.url = wish->url,
	    .secret = wish->secret, .sandbox_id = wish->sandbox_id,
	    .kinds = wish->events, .name = wish->name};

	webhooks_add(exchange_who(exchange), &add, on_added, exchange);
}

/* The {id} of the path; 0 where it is none, which has been said. */
static uint64_t
read_id(struct exchange *exchange)
{
	const char *text = exchange_param(exchange, "id");
	struct err err;
	uint64_t id;

	if (parse_u64(text, &id) == 0 && id != 0)
		return id;
	err_set(&err, ENOENT, "%s: no such id", text);
	exchange_fail_err(exchange, &err);
	return 0;
}

static void
on_got(void *arg, const struct rpc_webhook_info *webhook,
    const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		exchange_reply(arg, 200, field_print(&native_webhook,
		    webhook));
}

void
native_get_webhook(struct exchange *exchange)
{
	uint64_t id = read_id(exchange);

	if (id != 0)
		webhooks_get(exchange_who(exchange), id, on_got, exchange);
}

void
native_test_webhook(struct exchange *exchange)
{
	uint64_t id = read_id(exchange);

	if (id != 0)
		webhooks_test(exchange_who(exchange), id, exchange_done,
		    exchange);
}

static void
on_deliveries(void *arg, struct records *records, const struct err *failure)
{
	const struct err malformed = {EBADMSG, "malformed list"};
	struct rpc_webhook_delivery delivery;
	json_t *list;
	int r;

	if (failure != NULL) {
		exchange_fail_err(arg, failure);
		return;
	}
	list = json_array();
	while ((r = records_next(records, &delivery)) > 0)
		(void)json_array_append_new(list, field_print(&native_delivery,
		    &delivery));
	if (r < 0) {
		json_decref(list);
		exchange_fail_err(arg, &malformed);
		return;
	}
	exchange_reply(arg, 200, json_pack("{s:o}", "deliveries", list));
}

void
native_list_deliveries(struct exchange *exchange)
{
	uint64_t id = read_id(exchange);

	if (id != 0)
		webhooks_deliveries(exchange_who(exchange), id, on_deliveries,
		    exchange);
}
