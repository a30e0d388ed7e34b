// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "gateway/http/dialect/native/egress_list.h"
#include "gateway/http/dialect/native/native.h"
#include "gateway/http/dialect/native/time_wish.h"
#include "gateway/http/service/sandboxes.h"

#define METADATA_MAX_BYTES 2047
#define METADATA(s)                                                            \
	{"metadata", FIELD_MAP, offsetof(s, metadata), 0, METADATA_MAX_BYTES,  \
	    "strings by names of your choice, to find it by"},

#define ORIGIN_SIZE 64 /* of rpc.def's template_name */

/* 0 and "" = not said. */
struct wish_limits {
	const char *size;
	uint64_t memory_bytes, disk_bytes;
	uint32_t pids, cpu_millis;
};

#define LIMIT(s, field) offsetof(s, limits.field)
#define LIMIT_FIELDS(s)                                                        \
	{"size", FIELD_NAME, LIMIT(s, size), 1, 63,                            \
	    "name of a size of this host, such as shared-1x; a limit that is " \
	    "given goes before it"},                                           \
	{"memory", FIELD_SIZE, LIMIT(s, memory_bytes), MEMORY_MIN, MEMORY_MAX, \
	    "memory of all its processes"},                                    \
	{"disk", FIELD_SIZE, LIMIT(s, disk_bytes), DISK_MIN, DISK_MAX,         \
	    "size of its disk"},                                               \
	{"pids", FIELD_U32, LIMIT(s, pids), PIDS_MIN, PIDS_MAX,                \
	    "processes and threads"},                                          \
	{"cpu", FIELD_MILLIS, LIMIT(s, cpu_millis), CPU_MIN_MILLIS,            \
	    CPU_MAX_MILLIS, "CPUs"},

struct wish {
	struct time_wish time;
	struct wish_limits limits;
	const char *template_name, *snapshot, *name;
	uint32_t ephemeral, private, auto_resume, nesting;
	char *metadata;
	struct field_variables env;
	struct field_objects egress; /* of native_egress */
};

#define WISH(field) offsetof(struct wish, field)

static const struct field wish_fields[] = {
    {"template", FIELD_NAME, WISH(template_name), 1, 63,
	"name of a template"},
    {"snapshot", FIELD_NAME, WISH(snapshot), 1, 62,
	"a snapshot, by its id or name, whose disk and template it has"},
    {"name", FIELD_NAME, WISH(name), 1, 63, "yours to choose"},
    LIMIT_FIELDS(struct wish)
    {"ephemeral", FIELD_BOOLEAN, WISH(ephemeral), 0, 0,
	"destroyed once nobody is connected to it"},
    {"private", FIELD_BOOLEAN, WISH(private), 0, 0,
	"reached by you and the organisation's admins alone"},
    {"auto_resume", FIELD_BOOLEAN, WISH(auto_resume), 0, 0,
	"whether who connects resumes it, or wakes it; true unless said"},
    {"nesting", FIELD_BOOLEAN, WISH(nesting), 0, 0,
	"whether programs inside may make sandboxes of their own; the "
	"template's where left out"},
    TIME_WISH_FIELDS(struct wish)
    METADATA(struct wish)
    {"env", FIELD_VARIABLES, WISH(env), 0, 0,
	"variables every process starts with"},
    {"egress", FIELD_OBJECT, WISH(egress), .text =
	"what it may reach; the host's default where left out",
	.table = &native_egress_wish},
};
FIELD_TABLE(native_sandbox_wish, struct wish, wish_fields);

/* Of a sandbox that is there already. */
struct change {
	struct time_wish time;
	struct wish_limits limits;
	uint32_t auto_resume;
	char *metadata;
};

static const struct field change_fields[] = {
    TIME_WISH_FIELDS(struct change)
    LIMIT_FIELDS(struct change)
    {"auto_resume", FIELD_BOOLEAN, offsetof(struct change, auto_resume), 0, 0,
	"whether who connects resumes it, or wakes it"},
    METADATA(struct change)
};
FIELD_TABLE(native_sandbox_change, struct change, change_fields);

static const struct field refresh_fields[] = {
    {"duration", FIELD_SECONDS, 0, 0, TIME_WISH_MAX,
	"its ttl from now on, this once"},
};
FIELD_TABLE(native_refresh, uint64_t, refresh_fields);

static const struct field keepalive_fields[] = {
    {"timeout", FIELD_SECONDS, 0, 0, TIME_WISH_MAX,
	"its ttl from now on, this once"},
};
FIELD_TABLE(native_keepalive, uint64_t, keepalive_fields);

#define INFO(field) offsetof(struct sandboxes_view, info.field)
#define VIEW(field) offsetof(struct sandboxes_view, field)

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
    {"host", FIELD_STRING, VIEW(ssh_host), .text = "where",
	.group = "ssh"},
    {"port", FIELD_U32, VIEW(ssh_port), .text = "where", .group = "ssh"},
};
FIELD_TABLE(native_sandbox, struct sandboxes_view, view_fields);

static void
end(struct exchange *exchange, unsigned int status,
    const struct sandboxes_view *sandbox, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(exchange, err);
	else
		exchange_reply(exchange, status,
		    field_print(&native_sandbox, sandbox));
}

static void
on_created(void *arg, const struct sandboxes_view *sandbox,
    const struct err *err)
{
	end(arg, 201, sandbox, err);
}

/* As rpc.def has a snapshot in the place of a template. */
static int
choose_origin(const struct wish *wish, char origin[ORIGIN_SIZE],
    struct rpc_sandbox_create_req *create, struct err *err)
{
	if (wish->snapshot[0] == '\0')
		return 0;
	if (wish->template_name[0] != '\0')
		return err_set(err, EINVAL,
		    "template: is that of the snapshot; leave it out");
	snprintf(origin, ORIGIN_SIZE, "@%s", wish->snapshot);
	create->template_name = origin;
	return 0;
}

void
native_create_sandbox(struct exchange *exchange)
{
	const struct wish *wish = exchange_input(exchange);
	uint8_t buffer[TIME_WISH_BYTES];
	char origin[ORIGIN_SIZE];
	struct err err;
	struct rpc_sandbox_create_req create = {.name = wish->name,
	    .template_name = wish->template_name,
	    .memory_limit_bytes = wish->limits.memory_bytes,
	    .disk_limit_bytes = wish->limits.disk_bytes,
	    .pids_limit = wish->limits.pids,
	    .cpu_limit_millis = wish->limits.cpu_millis,
	    .size = wish->limits.size,
	    .env = {wish->env.data, wish->env.size, wish->env.count},
	    .is_ephemeral = wish->ephemeral == FIELD_TRUE,
	    .is_private = wish->private == FIELD_TRUE,
	    .metadata = wish->metadata,
	    .is_nesting = wish->nesting == FIELD_TRUE,
	    .is_resumed_by_hand = wish->auto_resume == FIELD_FALSE};
	struct failure failure;

	if (time_wish_encode(&wish->time, buffer, &create.lifetime, &err) < 0 ||
	    choose_origin(wish, origin, &create, &err) < 0) {
		exchange_fail_err(exchange, &err);
		return;
	}
	if (wish->egress.count > 0 && egress_list_make(wish->egress.items,
	    "egress.", &create.egress, &failure) < 0) {
		exchange_fail(exchange, &failure);
		return;
	}
	sandboxes_create(exchange_who(exchange), &create, on_created,
	    exchange);
	free((void *)(uintptr_t)create.egress.data);
}

static void
on_got(void *arg, const struct sandboxes_view *sandbox, const struct err *err)
{
	end(arg, 200, sandbox, err);
}

void
native_get_sandbox(struct exchange *exchange)
{
	sandboxes_get(exchange_who(exchange), exchange_param(exchange, "id"),
	    on_got, exchange);
}

static void
ask_power(struct exchange *exchange, enum sandboxes_power power)
{
	sandboxes_power(exchange_who(exchange),
	    exchange_param(exchange, "id"), power, on_got, exchange);
}

static const struct field restore_fields[] = {
    {"snapshot", FIELD_NAME, 0, 1, 63, "by its id or name",
	.required = "the id or the name of a snapshot"},
};
FIELD_TABLE(native_restore_wish, const char *, restore_fields);

void
native_restore_sandbox(struct exchange *exchange)
{
	const char *const *snapshot = exchange_input(exchange);

	sandboxes_restore(exchange_who(exchange),
	    exchange_param(exchange, "id"), *snapshot, on_got, exchange);
}

void
native_pause_sandbox(struct exchange *exchange)
{
	ask_power(exchange, SANDBOXES_PAUSED);
}

void
native_suspend_sandbox(struct exchange *exchange)
{
	ask_power(exchange, SANDBOXES_SUSPENDED);
}

void
native_resume_sandbox(struct exchange *exchange)
{
	ask_power(exchange, SANDBOXES_RUNNING);
}

/* Both, by their two words for the same. */
void
native_refresh_sandbox(struct exchange *exchange)
{
	const uint64_t *duration_s = exchange_input(exchange);

	sandboxes_refresh(exchange_who(exchange),
	    exchange_param(exchange, "id"), *duration_s == FIELD_NEVER ?
	    RPC_NEVER : *duration_s, on_got, exchange);
}

static bool
has_limits(const struct wish_limits *limits)
{
	return *limits->size != '\0' || limits->memory_bytes != 0 ||
	    limits->disk_bytes != 0 || limits->pids != 0 ||
	    limits->cpu_millis != 0;
}

static bool
has_more(const struct change *change)
{
	const struct time_wish *time = &change->time;

	return time->ttl_s != 0 || time->timeout_s != 0 ||
	    time->hard_ttl_s != 0 || time->idle_timeout_s != 0 ||
	    time->on_expiry != NULL || change->metadata != NULL ||
	    change->auto_resume != FIELD_UNSAID;
}

static void
change_rest(struct exchange *exchange)
{
	const struct change *change = exchange_input(exchange);
	struct rpc_sandbox_change_req wish = {
	    .id = exchange_param(exchange, "id"),
	    .auto_resume = change->auto_resume,
	    .metadata = change->metadata};
	uint8_t buffer[TIME_WISH_BYTES];
	struct err err;

	if (time_wish_encode(&change->time, buffer, &wish.lifetime, &err) < 0)
		exchange_fail_err(exchange, &err);
	else
		sandboxes_change(exchange_who(exchange), &wish, on_got,
		    exchange);
}

static void
on_resized(void *arg, const struct sandboxes_view *sandbox,
    const struct err *err)
{
	if (err == NULL && has_more(exchange_input(arg)))
		change_rest(arg);
	else
		on_got(arg, sandbox, err);
}

/* Limits first: those can be refused by what the sandbox is at. */
void
native_change_sandbox(struct exchange *exchange)
{
	const struct change *change = exchange_input(exchange);
	const struct rpc_sandbox_resize_req resize = {
	    .id = exchange_param(exchange, "id"),
	    .size = change->limits.size,
	    .memory_limit_bytes = change->limits.memory_bytes,
	    .disk_limit_bytes = change->limits.disk_bytes,
	    .pids_limit = change->limits.pids,
	    .cpu_limit_millis = change->limits.cpu_millis};

	if (has_limits(&change->limits))
		sandboxes_resize(exchange_who(exchange), &resize, on_resized,
		    exchange);
	else
		change_rest(exchange);
}

void
native_destroy_sandbox(struct exchange *exchange)
{
	sandboxes_destroy(exchange_who(exchange),
	    exchange_param(exchange, "id"), exchange_done, exchange);
}

void
native_kill_sandbox(struct exchange *exchange)
{
	sandboxes_kill(exchange_who(exchange), exchange_param(exchange, "id"),
	    exchange_done, exchange);
}
