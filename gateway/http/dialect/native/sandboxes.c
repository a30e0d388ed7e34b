// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "gateway/http/dialect/native/egress_list.h"
#include "gateway/http/dialect/native/native.h"
#include "gateway/http/service/sandboxes.h"

#define MEMORY_MIN	(16ull << 20)
#define MEMORY_MAX	(1ull << 40)
#define DISK_MIN	(16ull << 20)
#define DISK_MAX	(16ull << 40)
#define PIDS_MIN	8
#define PIDS_MAX	1000000
#define CPU_MIN_MILLIS	100
#define CPU_MAX_MILLIS	1024000

/* When it is to change by itself; 0 = not said. */
struct wish_time {
	uint64_t ttl_s, timeout_s, hard_ttl_s, idle_timeout_s;
	const char *on_expiry;
};

#define SECONDS_MAX 315360000
#define METADATA_MAX_BYTES 2047
#define METADATA(s)                                                            \
	{"metadata", FIELD_MAP, offsetof(s, metadata), 0, METADATA_MAX_BYTES,  \
	    "strings by names of your choice, to find it by"},

#define ORIGIN_SIZE 64 /* of rpc.def's template_name */
#define TIME_BYTES  128 /* room for a sandbox_lifetime */
#define TIME(s, field) offsetof(s, time.field)
#define TIME_FIELDS(s)                                                         \
	{"ttl", FIELD_SECONDS, TIME(s, ttl_s), 0, SECONDS_MAX,                 \
	    "until on_expiry, from a start, a resume or a refresh"},           \
	{"timeout", FIELD_SECONDS, TIME(s, timeout_s), 0, SECONDS_MAX,         \
	    "a ttl whose on_expiry is destroy"},                               \
	{"hard_ttl", FIELD_SECONDS, TIME(s, hard_ttl_s), 0, SECONDS_MAX,       \
	    "until it is cleaned, from a start or a refresh"},                 \
	{"idle_timeout", FIELD_SECONDS, TIME(s, idle_timeout_s), 0,            \
	    SECONDS_MAX, "without use, until it is suspended"},                \
	{"on_expiry", FIELD_STRING, TIME(s, on_expiry), 1, 15,                 \
	    "what its ttl does: pause, suspend, clean or destroy"},

struct wish {
	struct wish_time time;
	const char *template_name, *snapshot, *name;
	uint64_t memory_bytes, disk_bytes;
	uint32_t pids, cpu_millis, ephemeral, private, auto_resume;
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
    {"memory", FIELD_SIZE, WISH(memory_bytes), MEMORY_MIN, MEMORY_MAX,
	"memory of all its processes"},
    {"disk", FIELD_SIZE, WISH(disk_bytes), DISK_MIN, DISK_MAX,
	"size of its disk"},
    {"pids", FIELD_U32, WISH(pids), PIDS_MIN, PIDS_MAX,
	"processes and threads"},
    {"cpu", FIELD_MILLIS, WISH(cpu_millis), CPU_MIN_MILLIS, CPU_MAX_MILLIS,
	"CPUs"},
    {"ephemeral", FIELD_BOOLEAN, WISH(ephemeral), 0, 0,
	"destroyed once nobody is connected to it"},
    {"private", FIELD_BOOLEAN, WISH(private), 0, 0,
	"reached by you and the organisation's admins alone"},
    {"auto_resume", FIELD_BOOLEAN, WISH(auto_resume), 0, 0,
	"whether who connects resumes it, or wakes it; true unless said"},
    TIME_FIELDS(struct wish)
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
	struct wish_time time;
	uint32_t auto_resume;
	char *metadata;
};

static const struct field change_fields[] = {
    TIME_FIELDS(struct change)
    {"auto_resume", FIELD_BOOLEAN, offsetof(struct change, auto_resume), 0, 0,
	"whether who connects resumes it, or wakes it"},
    METADATA(struct change)
};
FIELD_TABLE(native_sandbox_change, struct change, change_fields);

static const struct field refresh_fields[] = {
    {"duration", FIELD_SECONDS, 0, 0, SECONDS_MAX,
	"its ttl from now on, this once"},
};
FIELD_TABLE(native_refresh, uint64_t, refresh_fields);

static const struct field keepalive_fields[] = {
    {"timeout", FIELD_SECONDS, 0, 0, SECONDS_MAX,
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

/* A sandbox_lifetime of what was said, in buffer; nothing where nothing was. */
static int
encode_time(const struct wish_time *time, uint8_t buffer[TIME_BYTES],
    struct rpc_bytes *ret, struct err *err)
{
	struct rpc_sandbox_lifetime lifetime = {.ttl_s = time->ttl_s,
	    .hard_ttl_s = time->hard_ttl_s,
	    .idle_timeout_s = time->idle_timeout_s,
	    .on_expiry = time->on_expiry != NULL ? time->on_expiry : ""};
	ptrdiff_t n;

	if (time->ttl_s != 0 && time->timeout_s != 0)
		return err_set(err, EINVAL,
		    "timeout: is a ttl; give one of them");
	if (time->timeout_s != 0) {
		lifetime.ttl_s = time->timeout_s;
		if (time->on_expiry == NULL)
			lifetime.on_expiry = "destroy";
	}
	if (lifetime.ttl_s == 0 && lifetime.hard_ttl_s == 0 &&
	    lifetime.idle_timeout_s == 0 && time->on_expiry == NULL)
		return 0;
	n = rpc_encode(&rpc_layout_sandbox_lifetime, &lifetime, buffer,
	    TIME_BYTES);
	if (n < 0)
		return err_set(err, (int)-n, "on_expiry: too long");
	*ret = (struct rpc_bytes){buffer, (uint32_t)n};
	return 0;
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
	uint8_t buffer[TIME_BYTES];
	char origin[ORIGIN_SIZE];
	struct err err;
	struct rpc_sandbox_create_req create = {.name = wish->name,
	    .template_name = wish->template_name,
	    .memory_limit_bytes = wish->memory_bytes,
	    .disk_limit_bytes = wish->disk_bytes, .pids_limit = wish->pids,
	    .cpu_limit_millis = wish->cpu_millis,
	    .env = {wish->env.data, wish->env.size, wish->env.count},
	    .is_ephemeral = wish->ephemeral == FIELD_TRUE,
	    .is_private = wish->private == FIELD_TRUE,
	    .metadata = wish->metadata,
	    .is_resumed_by_hand = wish->auto_resume == FIELD_FALSE};
	struct failure failure;

	if (encode_time(&wish->time, buffer, &create.lifetime, &err) < 0 ||
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

void
native_change_sandbox(struct exchange *exchange)
{
	const struct change *change = exchange_input(exchange);
	struct rpc_sandbox_change_req wish = {
	    .id = exchange_param(exchange, "id"),
	    .auto_resume = change->auto_resume,
	    .metadata = change->metadata};
	uint8_t buffer[TIME_BYTES];
	struct err err;

	if (encode_time(&change->time, buffer, &wish.lifetime, &err) < 0)
		exchange_fail_err(exchange, &err);
	else
		sandboxes_change(exchange_who(exchange), &wish, on_got,
		    exchange);
}

static void
on_ended(void *arg, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		exchange_reply(arg, 204, NULL);
}

void
native_destroy_sandbox(struct exchange *exchange)
{
	sandboxes_destroy(exchange_who(exchange),
	    exchange_param(exchange, "id"), on_ended, exchange);
}

void
native_kill_sandbox(struct exchange *exchange)
{
	sandboxes_kill(exchange_who(exchange), exchange_param(exchange, "id"),
	    on_ended, exchange);
}

static const struct field templates_fields[] = {
    {"templates", FIELD_STRINGS, 0, .text = "their names"},
};
FIELD_TABLE(native_templates, struct rpc_strv, templates_fields);

static void
on_templates(void *arg, struct rpc_strv names, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		exchange_reply(arg, 200, field_print(&native_templates,
		    &names));
}

void
native_list_templates(struct exchange *exchange)
{
	sandboxes_list_templates(exchange_who(exchange), on_templates,
	    exchange);
}
