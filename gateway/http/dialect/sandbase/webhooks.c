// SPDX-License-Identifier: Apache-2.0
/* Webhooks of the organisation: /events/webhooks. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/event.h"
#include "common/parse.h"
#include "gateway/http/dialect/sandbase/sandbase.h"
#include "gateway/http/service/webhooks.h"

#define NAME_MAX_BYTES	 127
#define URL_MAX_BYTES	 1023
#define SECRET_MAX_BYTES 256
#define EVENTS_MAX	 32
#define KINDS_SIZE	 512
#define PREFIX		 "sandbox.lifecycle."

struct webhook_wish {
	const char *name, *url, *secret;
	uint32_t resource_type;
	struct rpc_strv events;
};
static const char *const resource_types[] = {"sandbox", NULL};
#define WISH(field) offsetof(struct webhook_wish, field)
static const struct field wish_fields[] = {
    {"name", FIELD_STRING, WISH(name), 1, NAME_MAX_BYTES,
	"what it is called", "a name"},
    {"url", FIELD_STRING, WISH(url), 1, URL_MAX_BYTES,
	"http or https, to a public address", "1 to 1023 bytes"},
    {"resourceType", FIELD_U32, WISH(resource_type), .text =
	"what its events are of", .words = resource_types},
    {"events", FIELD_STRINGS, WISH(events), 1, EVENTS_MAX,
	"such as sandbox.lifecycle.paused; all where left out"},
    {"signatureSecret", FIELD_STRING, WISH(secret), 0, SECRET_MAX_BYTES,
	"what bodies are signed with (HMAC-SHA256); never told again"},
};
FIELD_TABLE(sandbase_webhook_wish, struct webhook_wish, wish_fields);

/* Adds the kinds that a word of theirs stands for; false: it stands for none.
 */
static bool
add_kinds(char kinds[KINDS_SIZE], const char *type)
{
	bool has_any = false;

	for (int kind = 0; kind < N_EVENT_KINDS; kind++) {
		const char *name = event_kind_name((enum event_kind)kind);
		char word[SANDBASE_EVENT_TYPE_SIZE];
		const size_t n = strlen(kinds);

		sandbase_event_type(name, word);
		if (strcmp(word, type) != 0)
			continue;
		has_any = true;
		snprintf(kinds + n, KINDS_SIZE - n, "%s%s",
		    n > 0 ? "," : "", name);
	}
	return has_any;
}

static bool
read_kinds(const struct rpc_strv *events, char kinds[KINDS_SIZE],
    struct failure *failure)
{
	const char *at = events->data;

	kinds[0] = '\0';
	for (uint32_t i = 0; i < events->count; i++) {
		if (!add_kinds(kinds, at)) {
			failure_of_field(failure, "events", "must be of "
			    PREFIX "created, updated, paused, resumed and "
			    "killed, or sandbox. and another kind of event");
			return false;
		}
		at += strlen(at) + 1;
	}
	return true;
}

/* Each word of theirs once; of all kinds there are, where they are not said. */
static json_t *
words_of(const char *kinds)
{
	json_t *list = json_array(), *seen = json_object();
	char name[EVENT_KIND_SIZE], word[SANDBASE_EVENT_TYPE_SIZE];

	while (*kinds != '\0') {
		const size_t n = strcspn(kinds, ",");

		snprintf(name, sizeof name, "%.*s", (int)n, kinds);
		sandbase_event_type(name, word);
		if (json_object_get(seen, word) == NULL)
			(void)json_array_append_new(list, json_string(word));
		(void)json_object_set_new(seen, word, json_true());
		kinds += n;
		kinds += *kinds == ',';
	}
	json_decref(seen);
	return list;
}

static json_t *
to_json(const struct rpc_webhook_info *webhook)
{
	char id[FIELD_DIGITS_SIZE];

	snprintf(id, sizeof id, "%llu", (unsigned long long)webhook->id);
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "id", id, "name",
	    webhook->name, "url", webhook->url, "resourceType", "sandbox",
	    "events", words_of(webhook->kinds), "createdAt",
	    field_time(webhook->created_ms));
}

static void
on_added(void *arg, const struct rpc_webhook_info *webhook,
    const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		exchange_reply(arg, 201, to_json(webhook));
}

void
sandbase_add_webhook(struct exchange *exchange)
{
	const struct webhook_wish *wish = exchange_input(exchange);
	char kinds[KINDS_SIZE];
	struct rpc_webhook_add_req add = {.url = wish->url,
	    .secret = wish->secret, .sandbox_id = "", .kinds = kinds,
	    .name = wish->name};
	struct failure failure;

	if (!read_kinds(&wish->events, kinds, &failure))
		exchange_fail(exchange, &failure);
	else
		webhooks_add(exchange_who(exchange), &add, on_added, exchange);
}

/* The {id} of the path; 0 where it is none, which has been said. */
static uint64_t
read_id(struct exchange *exchange)
{
	const char *text = exchange_param(exchange, "id");
	uint64_t id;
	struct err err;

	if (parse_u64(text, &id) == 0 && id != 0)
		return id;
	err_set(&err, ENOENT, "no webhook %s", text);
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
		exchange_reply(arg, 200, to_json(webhook));
}

void
sandbase_get_webhook(struct exchange *exchange)
{
	const uint64_t id = read_id(exchange);

	if (id != 0)
		webhooks_get(exchange_who(exchange), id, on_got, exchange);
}

void
sandbase_remove_webhook(struct exchange *exchange)
{
	const uint64_t id = read_id(exchange);

	if (id != 0)
		records_remove(exchange_who(exchange), &records_webhooks, id,
		    exchange_done, exchange);
}

static void
on_listed(void *arg, struct records *records, const struct err *failure)
{
	const struct err malformed = {EBADMSG, "malformed list"};
	struct rpc_webhook_info webhook;
	json_t *list = json_array();
	int r = 0;

	while (failure == NULL && (r = records_next(records, &webhook)) > 0)
		(void)json_array_append_new(list, to_json(&webhook));
	if (failure == NULL && r == 0) {
		exchange_reply(arg, 200, list);
		return;
	}
	json_decref(list);
	exchange_fail_err(arg, failure != NULL ? failure : &malformed);
}

void
sandbase_list_webhooks(struct exchange *exchange)
{
	records_list(exchange_who(exchange), &records_webhooks, on_listed,
	    exchange);
}
