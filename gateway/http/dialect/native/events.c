// SPDX-License-Identifier: Apache-2.0
/* The log of what befell sandboxes: a page of it, or a stream. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/denial.h"
#include "common/event.h"
#include "common/parse.h"
#include "common/timestamp.h"
#include "gateway/http/dialect/native/native.h"
#include "gateway/http/engine/outbox.h"
#include "gateway/http/service/events.h"

#define LIMIT 100 /* where none is asked for */

#define INFO(field) offsetof(struct rpc_event_info, field)
static const struct field event_fields[] = {
    {"id", FIELD_U64, INFO(id), .text =
	"larger than that of any before it on the host"},
    {"at", FIELD_TIME, INFO(at_ms), .text = "when"},
    {"sandbox", FIELD_STRING, INFO(sandbox_id), .text = "of which"},
    {"kind", FIELD_STRING, INFO(kind), .text = "what befell it"},
    {"actor", FIELD_STRING, INFO(actor), .text =
	"who did it; host: nobody asked for it"},
    {"cause", FIELD_STRING, INFO(cause), .text = "why, or which",
	.is_nullable = true},
};
FIELD_TABLE(native_event, struct rpc_event_info, event_fields);

/* One of kind denied, taken apart. */
struct denied {
	uint64_t id, at_ms;
	const char *protocol, *destination, *name, *rule, *why;
	uint32_t port;
};
#define DENIED(field) offsetof(struct denied, field)
static const struct field denied_fields[] = {
    {"id", FIELD_U64, DENIED(id), .text = "of the event"},
    {"at", FIELD_TIME, DENIED(at_ms), .text = "when"},
    {"protocol", FIELD_STRING, DENIED(protocol), .text =
	"tcp, udp, icmp for an echo request, or name for one that was not "
	"resolved"},
    {"destination", FIELD_STRING, DENIED(destination), .text =
	"the address, or the name that was asked for"},
    {"port", FIELD_U32, DENIED(port), .text =
	"of tcp and udp; 0 of others"},
    {"name", FIELD_STRING, DENIED(name), .text =
	"that led there, where it is known", .is_nullable = true},
    {"rule", FIELD_STRING, DENIED(rule), .text =
	"what decided: a rule's name or number, default, always or limit"},
    {"why", FIELD_STRING, DENIED(why), .text =
	"of what is refused to all, and of a limit", .is_nullable = true},
};
FIELD_TABLE(native_denied, struct denied, denied_fields);

static json_t *
print_event(const struct rpc_event_info *info)
{
	return field_print(&native_event, info);
}

static json_t *
print_denied(const struct rpc_event_info *info)
{
	struct denial denial;
	struct denied denied;

	if (denial_parse(info->cause, &denial) < 0)
		return NULL;
	denied = (struct denied){info->id, info->at_ms, denial.protocol,
	    denial_is_name(&denial) ? denial.name : denial.address,
	    denial.name, denial.rule, denial.why, denial.port};
	return field_print(&native_denied, &denied);
}

typedef json_t *print_fn(const struct rpc_event_info *info);

struct following {
	print_fn *print;
	struct exchange *exchange;
	struct events_follow *follow;
	struct outbox out;
	bool is_begun, is_ended;
	int failed; /* -errno */
};

static int
read_since(const char *text, events_wish *ret, struct failure *failure)
{
	if (parse_u64(text, &ret->after_id) == 0 ||
	    timestamp_parse(text, &ret->since_ms) == 0)
		return 0;
	return failure_of_field(failure, "since", "must be the id of an event "
	    "or a time such as 2026-01-31T23:59:59Z");
}

static int
check_kinds(const char *names, struct failure *failure)
{
	char name[EVENT_KIND_SIZE];

	for (const char *at = names;; at++) {
		size_t n = strcspn(at, ",");

		snprintf(name, sizeof name, "%.*s",
		    n < sizeof name ? (int)n : 0, at);
		if (event_kind_find(name) == N_EVENT_KINDS)
			return failure_of_field(failure, "kind", "\"%.*s\" is "
			    "no kind of event", n < 32 ? (int)n : 32, at);
		at += n;
		if (*at == '\0')
			return 0;
	}
}

static int
read_wish(const struct exchange *exchange, events_wish *ret,
    struct failure *failure)
{
	const char *since = exchange_query(exchange, "since");
	const char *limit = exchange_query(exchange, "limit");
	uint64_t n = LIMIT;
	int r = 0;

	*ret = (events_wish){.id = exchange_param(exchange, "id"),
	    .kinds = exchange_query(exchange, "kind"),
	    .is_newest = *since == '\0'};
	if (*limit != '\0' && (parse_u64(limit, &n) < 0 || n == 0 ||
	    n > EVENTS_LIMIT_MAX))
		r = failure_of_field(failure, "limit", "must be from 1 to %d",
		    EVENTS_LIMIT_MAX);
	ret->limit = (uint32_t)n;
	if (r == 0 && *since != '\0')
		r = read_since(since, ret, failure);
	if (r == 0 && *ret->kinds != '\0')
		r = check_kinds(ret->kinds, failure);
	return r;
}

static void
answer_list(struct exchange *exchange, struct records *events, bool has_more,
    const struct err *failure, const char *name, print_fn *print)
{
	const struct err malformed = {EBADMSG, "malformed list"};
	struct rpc_event_info info = {.id = 0};
	json_t *list;
	int r;

	if (failure != NULL) {
		exchange_fail_err(exchange, failure);
		return;
	}
	list = json_array();
	while ((r = records_next(events, &info)) > 0)
		(void)json_array_append_new(list, print(&info));
	if (r < 0) {
		json_decref(list);
		exchange_fail_err(exchange, &malformed);
		return;
	}
	exchange_reply(exchange, 200, json_pack("{s:o, s:o, s:b}", name, list,
	    "next", info.id != 0 ? json_integer((json_int_t)info.id) :
	    json_null(), "more", (int)has_more));
}

static void
on_list(void *arg, struct records *events, bool has_more,
    const struct err *failure)
{
	answer_list(arg, events, has_more, failure, "events", print_event);
}

static void
on_denials(void *arg, struct records *events, bool has_more,
    const struct err *failure)
{
	answer_list(arg, events, has_more, failure, "denials", print_denied);
}

static void
add_line(struct following *following, json_t *line)
{
	char *text = line != NULL ? json_dumps(line, JSON_COMPACT) : NULL;

	json_decref(line);
	if (text == NULL || outbox_add(&following->out, text,
	    strlen(text)) < 0 || outbox_add(&following->out, "\n", 1) < 0)
		following->failed = -ENOMEM;
	free(text);
}

static void
on_page(void *arg, struct records *events)
{
	struct following *following = arg;
	struct rpc_event_info info;
	int r;

	if (!following->is_begun)
		exchange_reply_stream(following->exchange, 200,
		    "application/x-ndjson", REPLY_UNKNOWN);
	following->is_begun = true;
	while ((r = records_next(events, &info)) > 0)
		add_line(following, following->print(&info));
	if (r < 0)
		following->failed = r;
	if (outbox_is_full(&following->out))
		events_hold(following->follow, true);
	exchange_proceed(following->exchange);
}

/* A stream that was cut is asked for again, from its last id on. */
static void
on_ended(void *arg, const struct err *err)
{
	struct following *following = arg;

	following->is_ended = true;
	if (!following->is_begun)
		exchange_fail_err(following->exchange, err);
	else
		exchange_proceed(following->exchange);
}

static ssize_t
give(void *arg, void *data, size_t size)
{
	struct following *following = arg;
	size_t n = outbox_take(&following->out, data, size);

	if (following->failed < 0)
		return following->failed;
	if (!outbox_is_full(&following->out))
		events_hold(following->follow, false);
	return n > 0 ? (ssize_t)n : following->is_ended ? -ENODATA : 0;
}

static void
on_gone(void *arg)
{
	struct following *following = arg;

	events_close(following->follow);
	outbox_fini(&following->out);
}

static void
follow(struct exchange *exchange, const events_wish *wish, print_fn *print)
{
	struct following *following = exchange_memory(exchange,
	    sizeof *following);
	const struct events_client client = {on_page, on_ended, following};
	const struct exchange_stream stream = {.give = give, .gone = on_gone,
	    .arg = following};
	struct err err = {ENOMEM, "out of memory"};

	if (following == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	following->exchange = exchange;
	following->print = print;
	exchange_set_stream(exchange, &stream);
	if (events_follow(exchange_who(exchange), wish, &client,
	    &following->follow, &err) < 0)
		exchange_fail_err(exchange, &err);
}

static bool
is_followed(const struct exchange *exchange)
{
	const char *follows = exchange_query(exchange, "follow");

	return strcmp(follows, "true") == 0 || strcmp(follows, "1") == 0;
}

void
native_list_events(struct exchange *exchange)
{
	struct failure failure;
	events_wish wish;

	if (read_wish(exchange, &wish, &failure) < 0)
		exchange_fail(exchange, &failure);
	else if (is_followed(exchange))
		follow(exchange, &wish, print_event);
	else
		events_list(exchange_who(exchange), &wish, on_list, exchange);
}

void
native_list_denials(struct exchange *exchange)
{
	struct failure failure;
	events_wish wish;

	if (read_wish(exchange, &wish, &failure) < 0) {
		exchange_fail(exchange, &failure);
		return;
	}
	wish.kinds = event_kind_name(EVENT_KIND_DENIED);
	if (is_followed(exchange))
		follow(exchange, &wish, print_denied);
	else
		events_list(exchange_who(exchange), &wish, on_denials,
		    exchange);
}
