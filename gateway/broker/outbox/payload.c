// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/outbox/payload.h"

#include <errno.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/event.h"
#include "common/parse.h"
#include "common/timestamp.h"

struct text {
	char *at;
	size_t left; /* the terminator included */
	bool is_cut;
};

static void __attribute__((format(printf, 2, 3)))
add(struct text *text, const char *format, ...)
{
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(text->at, text->left, format, arguments);
	va_end(arguments);
	if (n < 0 || (size_t)n >= text->left) {
		text->is_cut = true;
		return;
	}
	text->at += n;
	text->left -= (size_t)n;
}

/* A string of JSON (RFC 8259, 7); the event's own are printable ASCII, and
 * what is not is no text of ours. */
static void
add_string(struct text *text, const char *value)
{
	add(text, "\"");
	for (; *value != '\0'; value++)
		if (*value == '"' || *value == '\\')
			add(text, "\\%c", *value);
		else
			add(text, "%c", *value < ' ' || *value > '~' ? '?' :
			    *value);
	add(text, "\"");
}

static void
add_member(struct text *text, const char *name, const char *value)
{
	add(text, ",\"%s\":", name);
	if (*value == '\0')
		add(text, "null");
	else
		add_string(text, value);
}

static void
add_event(struct text *text, const struct webhook *webhook,
    const struct rpc_event_info *event)
{
	add_member(text, "organisation", webhook->org);
	add_member(text, "sandbox_id", event != NULL ? event->sandbox_id :
	    webhook->sandbox_id);
	add(text, ",\"data\":{\"actor\":");
	add_string(text, event != NULL ? event->actor : webhook->user);
	add_member(text, "cause", event != NULL ? event->cause : "");
	if (event != NULL)
		add_member(text, "reason", event->cause);
	add(text, "}");
}

/* The same as Sandbase's receivers look for it. */
static void
add_lifecycle(struct text *text, const struct rpc_event_info *event,
    const struct handover_post *post, const char *time)
{
	const enum event_kind kind = event_kind_find(event->kind);
	const char *word = kind < N_EVENT_KINDS ? event_kind_lifecycle(kind) :
	    NULL;
	char id[SANDBOX_ID_SIZE];

	sandbox_id_spell(event->sandbox_id, id);
	add_member(text, "id", post->event_id);
	add_member(text, "resourceType", "sandbox");
	if (word != NULL)
		add(text, ",\"type\":\"sandbox.lifecycle.%s\"", word);
	else
		add_member(text, "type", post->event_type);
	add_member(text, "sandboxID", id);
	add_member(text, "createdAt", time);
}

static void
sign(const char *secret, const char *body, char *ret, size_t size)
{
	uint8_t mac[crypto_auth_hmacsha256_BYTES];
	crypto_auth_hmacsha256_state state;

	if (*secret == '\0') {
		*ret = '\0';
		return;
	}
	crypto_auth_hmacsha256_init(&state, (const uint8_t *)secret,
	    strlen(secret));
	crypto_auth_hmacsha256_update(&state, (const uint8_t *)body,
	    strlen(body));
	crypto_auth_hmacsha256_final(&state, mac);
	sodium_memzero(&state, sizeof state);
	sodium_bin2hex(ret, size, mac, sizeof mac);
}

int
payload_make(const struct webhook *webhook, const struct rpc_event_info *event,
    uint64_t now_ms, const char *test_id, struct handover_post *ret)
{
	struct text text = {ret->body, sizeof ret->body, false};
	char time[TIMESTAMP_SIZE];

	memset(ret, 0, sizeof *ret);
	timestamp_format(event != NULL ? event->at_ms : now_ms, time);
	snprintf(ret->url, sizeof ret->url, "%s", webhook->url);
	if (event != NULL) {
		snprintf(ret->event_id, sizeof ret->event_id, "%llu",
		    (unsigned long long)event->id);
		snprintf(ret->event_type, sizeof ret->event_type,
		    "sandbox.%s", event->kind);
	} else {
		snprintf(ret->event_id, sizeof ret->event_id, "%s", test_id);
		snprintf(ret->event_type, sizeof ret->event_type,
		    "webhook.test");
	}
	add(&text, "{\"event_id\":\"%s\",\"event_type\":\"%s\","
	    "\"timestamp\":\"%s\",\"webhook_id\":\"%lld\"", ret->event_id,
	    ret->event_type, time, (long long)webhook->id);
	add_event(&text, webhook, event);
	if (event != NULL)
		add_lifecycle(&text, event, ret, time);
	add(&text, "}");
	if (text.is_cut)
		return -EMSGSIZE;
	sign(webhook->secret, ret->body, ret->signature,
	    sizeof ret->signature);
	return 0;
}
