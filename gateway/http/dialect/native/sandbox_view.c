// SPDX-License-Identifier: Apache-2.0
/* A sandbox as the API tells of it. */
#include <stddef.h>
#include <string.h>

#include "gateway/http/dialect/native/native.h"
#include "gateway/http/dialect/states.h"
#include "gateway/http/service/sandboxes.h"

/* What is told of one beside what sandboxd tells. */
struct view {
	struct sandboxes_view of;
	const char *status, *mode;
};
#define INFO(field) offsetof(struct view, of.info.field)
#define VIEW(field) offsetof(struct view, field)

/* A row of common/sandbox.def, by what it says of JSON. */
#define ROW_STRING(at, group, name, text)                                      \
	{name, FIELD_STRING, INFO(at), 0, 0, text, NULL, group},
#define ROW_NULLABLE(at, group, name, text)                                    \
	{name, FIELD_STRING, INFO(at), 0, 0, text, NULL, group, true},
#define ROW_U32(at, group, name, text)                                         \
	{name, FIELD_U32, INFO(at), 0, 0, text, NULL, group},
#define ROW_SIZE(at, group, name, text)                                        \
	{name, FIELD_SIZE, INFO(at), 0, 0, text, NULL, group},
#define ROW_MILLIS(at, group, name, text)                                      \
	{name, FIELD_MILLIS, INFO(at), 0, 0, text, NULL, group},
#define ROW_TIME(at, group, name, text)                                        \
	{name, FIELD_TIME, INFO(at), 0, 0, text, NULL, group},
#define ROW_SECONDS(at, group, name, text)                                     \
	{name, FIELD_SECONDS, INFO(at), 0, 0, text, NULL, group},
#define ROW_BOOLEAN(at, group, name, text)                                     \
	{name, FIELD_BOOLEAN, INFO(at), 0, 0, text, NULL, group},
#define ROW_MAP(at, group, name, text)                                         \
	{name, FIELD_MAP, INFO(at), 0, 0, text, NULL, group},
#define ROW_HIDDEN(at, group, name, text)

static const struct field view_fields[] = {
#define SANDBOX_TOLD(since, kind, at, size, change, json, group, name, text)   \
	ROW_##json(at, group, name, text)
#define SANDBOX_SEEN(kind, at, size, json, group, name, text)                  \
	ROW_##json(at, group, name, text)
#include "common/sandbox.def"
    {"username", FIELD_STRING, INFO(id), .text = "who to be there",
	.group = "ssh"},
    {"host", FIELD_STRING, VIEW(of.ssh_host), .text = "where",
	.group = "ssh"},
    {"port", FIELD_U32, VIEW(of.ssh_port), .text = "where", .group = "ssh"},
    {"status", FIELD_STRING, VIEW(status), .text =
	"its state in fewer words: creating, running, suspended or destroyed"},
    {"mode", FIELD_STRING, VIEW(mode), .text =
	"ephemeral where its ttl destroys it, else persistent"},
    {"labels", FIELD_MAP, INFO(metadata), .text = "its metadata"},
    {"last_activity_at", FIELD_TIME, INFO(last_activity_ms), .text =
	"when it was last used"},
    {"idle_timeout_seconds", FIELD_SECONDS, INFO(idle_timeout_s), .text =
	"its idle_timeout"},
};
FIELD_TABLE(native_sandbox, struct view, view_fields);

bool
native_is_ephemeral(const struct rpc_sandbox_info *info)
{
	return info->ttl_s != 0 && strcmp(info->on_expiry, "destroy") == 0;
}

json_t *
native_print_sandbox(const struct sandboxes_view *sandbox)
{
	const char *status = state_word(STATE_WORDS_ZWRM,
	    sandbox->info.state);
	const struct view view = {*sandbox, status != NULL ? status :
	    sandbox->info.state, native_is_ephemeral(&sandbox->info) ?
	    "ephemeral" : "persistent"};

	return field_print(&native_sandbox, &view);
}
