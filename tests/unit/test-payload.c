// SPDX-License-Identifier: Apache-2.0
/* What receivers of webhooks get: JSON that is JSON, and a signature that
 * anybody can check. */
#include "gateway/broker/outbox/payload.h"

#include <assert.h>
#include <string.h>

#include "gateway/broker/outbox/hook.h"

#define SIGNATURE \
	"eb4619be4965f1d0e81416654ebe8f64" \
	"61f355127798ec3d3be6e97c0ea09501"

static struct handover_post post;

static void
test_body(void)
{
	const struct webhook webhook = {.id = 7, .org = "acme",
	    .url = "https://a/"};
	struct rpc_event_info event = {17, 1769903999123, "sb_000000000001",
	    "acme", "paused", "ada@acme token \"lap\\top\"", ""};

	assert(payload_make(&webhook, &event, 0, NULL, &post) == 0);
	assert(strcmp(post.body, "{\"event_id\":\"17\",\"event_type\":"
	    "\"sandbox.paused\",\"timestamp\":\"2026-01-31T23:59:59.123Z\","
	    "\"webhook_id\":\"7\",\"organisation\":\"acme\",\"sandbox_id\":"
	    "\"sb_000000000001\",\"data\":{\"actor\":\"ada@acme token "
	    "\\\"lap\\\\top\\\"\",\"cause\":null,\"reason\":null},\"id\":"
	    "\"17\",\"resourceType\":\"sandbox\",\"type\":"
	    "\"sandbox.lifecycle.paused\",\"sandboxID\":"
	    "\"sb-000000000001\",\"createdAt\":"
	    "\"2026-01-31T23:59:59.123Z\"}") == 0);
	assert(strcmp(post.event_id, "17") == 0);
	assert(strcmp(post.event_type, "sandbox.paused") == 0);
	assert(strcmp(post.url, "https://a/") == 0);
	assert(post.signature[0] == '\0');
	event.cause = "why\n\"so\"";
	assert(payload_make(&webhook, &event, 0, NULL, &post) == 0);
	assert(strstr(post.body, "\"cause\":\"why?\\\"so\\\"\",") != NULL);
	event.kind = "oom";
	assert(payload_make(&webhook, &event, 0, NULL, &post) == 0);
	assert(strstr(post.body, "\"type\":\"sandbox.oom\"") != NULL);
}

/* The largest that sandboxd tells of. */
static void
test_large(void)
{
	const struct webhook webhook = {.id = INT64_MAX, .org = "acme"};
	char actor[256], cause[320];
	const struct rpc_event_info event = {UINT64_MAX, UINT64_MAX,
	    "sb_000000000001", "acme", "disconnected", actor, cause};

	memset(actor, '"', sizeof actor);
	memset(cause, '\\', sizeof cause);
	actor[255] = cause[319] = '\0';
	assert(payload_make(&webhook, &event, 0, NULL, &post) == 0);
}

/* RFC 4231, 4.3 has key and mac; here over a body of ours, as openssl says. */
static void
test_signature(void)
{
	const struct webhook webhook = {.id = 1, .org = "o", .user = "u",
	    .secret = "Jefe"};

	assert(payload_make(&webhook, NULL, 0, "test-1", &post) == 0);
	assert(strcmp(post.body, "{\"event_id\":\"test-1\",\"event_type\":"
	    "\"webhook.test\",\"timestamp\":\"1970-01-01T00:00:00.000Z\","
	    "\"webhook_id\":\"1\",\"organisation\":\"o\",\"sandbox_id\":null,"
	    "\"data\":{\"actor\":\"u\",\"cause\":null}}") == 0);
	assert(strcmp(post.signature, SIGNATURE) == 0);
}

static void
test_pauses(void)
{
	assert(hook_pause_ms(1) == 1000);
	assert(hook_pause_ms(2) == 2000);
	assert(hook_pause_ms(5) == 16000);
	assert(hook_pause_ms(13) == HOOK_PAUSE_MAX_MS);
	assert(hook_pause_ms(4000000000) == HOOK_PAUSE_MAX_MS);
}

int
main(void)
{
	test_body();
	test_large();
	test_signature();
	test_pauses();
	return 0;
}
