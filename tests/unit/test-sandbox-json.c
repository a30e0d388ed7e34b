// SPDX-License-Identifier: Apache-2.0
#include <assert.h>
#include <string.h>

#include "gateway/http/dialect/native/native.h"
#include "gateway/http/service/sandboxes.h"

static const struct rpc_sandbox_info full = {.id = "sb_000000000001",
    .org = "acme", .name = "web", .template_name = "base",
    .state = "running", .address = "10.213.0.2",
    .created_ms = 1769903999123, .memory_limit_bytes = 1ULL << 29,
    .pids_limit = 256, .cpu_limit_millis = 500,
    .disk_limit_bytes = 5ULL << 30, .oom_kills = 3, .is_ephemeral = 1,
    .ended_ms = 1769903999124, .cause = "destroyed by alice",
    .owner = "alice", .owner_id = 7, .is_private = 1,
    .auto_resume = 1, .reason = "paused by alice", .ttl_s = 300,
    .on_expiry = "pause", .expires_ms = 1769903999125,
    .last_activity_ms = 1769903999126, .last_activity_kind = "ssh",
    .power_desired = "paused", .desired_generation = 2,
    .power_observed = "active", .observed_generation = 1,
    .power_phase = "pausing", .forked_from = "sb_000000000002",
    .metadata = "{\"a\":\"b\"}",
    .template_version = "tv_9c3h7m2kq0ds", .is_nesting = 1,
    .disks = "dk_4fz1k8q2m9xwv3b7:/in:ro",
    .egress_default = "deny", .egress_rules = 2, .is_egress_own = 1};

static json_t *
to_json(const struct rpc_sandbox_info *info, const char *host, uint32_t port)
{
	const struct sandboxes_view view = {*info, host, port};

	return native_print_sandbox(&view);
}

/* The object, to the letter, so that a row says what it is to say. */
static void
test_object(void)
{
	json_t *object = to_json(&full, "gateway.example", 2222);
	json_t *wanted = json_loads("{\"id\": \"sb_000000000001\","
	    " \"name\": \"web\", \"template\": \"base\","
	    " \"state\": \"running\", \"status\": \"running\","
	    " \"mode\": \"persistent\", \"labels\": {\"a\": \"b\"},"
	    " \"last_activity_at\": \"2026-01-31T23:59:59.126Z\","
	    " \"idle_timeout_seconds\": null, \"address\": \"10.213.0.2\","
	    " \"created_at\": \"2026-01-31T23:59:59.123Z\","
	    " \"limits\": {\"memory_bytes\": 536870912, \"pids\": 256,"
	    " \"cpu\": 0.5, \"disk_bytes\": 5368709120},"
	    " \"oom_kills\": 3, \"ephemeral\": true,"
	    " \"ended_at\": \"2026-01-31T23:59:59.124Z\","
	    " \"cause\": \"destroyed by alice\","
	    " \"owner\": \"alice\", \"private\": true,"
	    " \"auto_resume\": true,"
	    " \"status_reason\": \"paused by alice\","
	    " \"ttl\": 300, \"hard_ttl\": null, \"idle_timeout\": null,"
	    " \"on_expiry\": \"pause\","
	    " \"expires_at\": \"2026-01-31T23:59:59.125Z\","
	    " \"hard_expires_at\": null, \"last_activity\":"
	    " {\"at\": \"2026-01-31T23:59:59.126Z\", \"kind\": \"ssh\"},"
	    " \"power_state\": {\"desired\": \"paused\","
	    " \"desired_generation\": 2, \"observed\": \"active\","
	    " \"observed_generation\": 1, \"phase\": \"pausing\"},"
	    " \"forked_from\": \"sb_000000000002\","
	    " \"metadata\": {\"a\": \"b\"},"
	    " \"template_version\": \"tv_9c3h7m2kq0ds\", \"nesting\": true,"
	    " \"disks\": \"dk_4fz1k8q2m9xwv3b7:/in:ro\","
	    " \"egress\": {\"default\": \"deny\", \"rules\": 2,"
	    " \"own\": true},"
	    " \"ssh\": {\"username\": \"sb_000000000001\","
	    " \"host\": \"gateway.example\", \"port\": 2222}}", 0, NULL);

	assert(wanted != NULL && json_equal(object, wanted));
	json_decref(object);
	json_decref(wanted);
}

static void
test_empty(void)
{
	struct rpc_sandbox_info info = full;
	json_t *object;

	info.name = info.address = info.cause = info.owner = info.reason = "";
	info.forked_from = "";
	info.metadata = "[]";
	info.ended_ms = 0;
	info.created_ms = 0;
	info.is_ephemeral = info.auto_resume = 0;
	object = to_json(&info, "h", 22);
	assert(json_is_null(json_object_get(object, "name")));
	assert(json_is_null(json_object_get(object, "address")));
	assert(json_is_null(json_object_get(object, "owner")));
	assert(json_is_null(json_object_get(object, "created_at")));
	assert(json_is_null(json_object_get(object, "ended_at")));
	assert(json_is_null(json_object_get(object, "cause")));
	assert(json_object_size(json_object_get(object, "metadata")) == 0);
	assert(json_object_size(json_object_get(object, "metadata")) == 0);
	assert(json_is_false(json_object_get(object, "ephemeral")));
	assert(json_is_false(json_object_get(object, "auto_resume")));
	assert(json_is_null(json_object_get(object, "status_reason")));
	assert(json_is_null(json_object_get(object, "forked_from")));
	assert(json_object_get(object, "org") == NULL);
	json_decref(object);
}

int
main(void)
{
	test_object();
	test_empty();
	return 0;
}
