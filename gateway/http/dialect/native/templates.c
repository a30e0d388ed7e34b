// SPDX-License-Identifier: Apache-2.0
/* What sandboxes may be made from. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"
#include "gateway/http/dialect/listing.h"
#include "gateway/http/dialect/native/egress_list.h"
#include "gateway/http/dialect/native/native.h"
#include "gateway/http/dialect/native/time_wish.h"
#include "gateway/http/service/templates.h"

/* As rpc.def has them. */
#define USER_MAX	   63
#define WORKDIR_MAX	   511
#define ENTRYPOINT_MAX	   4096
#define SETTINGS_BYTES_MAX 66560
#define LOG_BYTES_MAX	   65536
#define POOL_SIZE_MAX	   1024

struct wish {
	const char *name, *sandbox, *user, *workdir, *log;
	uint32_t shared, pids, cpu_millis, pool_size;
	uint64_t memory_bytes, disk_bytes;
	struct time_wish time;
	struct field_variables env, entrypoint;
	struct field_objects egress; /* of native_egress */
};

#define WISH(field) offsetof(struct wish, field)

static const struct field wish_fields[] = {
    {"name", FIELD_NAME, WISH(name), 1, 63, "what creates call it",
	"\"my-tools\""},
    {"sandbox", FIELD_STRING, WISH(sandbox), 1, 31,
	"what is on its disk is the template", "\"sb_4fz1k8q2m9xw\""},
    {"shared", FIELD_BOOLEAN, WISH(shared), .text =
	"for every organisation; the operator's alone to say"},
    {"user", FIELD_STRING, WISH(user), 0, USER_MAX,
	"who its default user is: a name, or a uid and a gid as 1000:1000"},
    {"workdir", FIELD_STRING, WISH(workdir), 0, WORKDIR_MAX,
	"where commands start; left out: the user's home"},
    {"entrypoint", FIELD_WORDS, WISH(entrypoint), 0, ENTRYPOINT_MAX,
	"a program and its arguments, run once a sandbox of it has started"},
    {"env", FIELD_VARIABLES, WISH(env), 0, 0,
	"variables every process starts with"},
    {"memory", FIELD_SIZE, WISH(memory_bytes), MEMORY_MIN, MEMORY_MAX,
	"memory of a sandbox that asks for none"},
    {"disk", FIELD_SIZE, WISH(disk_bytes), DISK_MIN, DISK_MAX,
	"disk of one"},
    {"pids", FIELD_U32, WISH(pids), PIDS_MIN, PIDS_MAX,
	"processes and threads of one"},
    {"cpu", FIELD_MILLIS, WISH(cpu_millis), CPU_MIN_MILLIS, CPU_MAX_MILLIS,
	"CPUs of one"},
    {"pool_size", FIELD_U32, WISH(pool_size), 0, POOL_SIZE_MAX,
	"how many of a shared one are made ahead, where the host's "
	"configuration does not say"},
    TIME_WISH_FIELDS(struct wish, false)
    {"egress", FIELD_OBJECT, WISH(egress), .text =
	"what one may reach that asks for nothing else",
	.table = &native_egress_wish},
    {"log", FIELD_TEXT, WISH(log), 0, LOG_BYTES_MAX,
	"how it was made, for people"},
};
FIELD_TABLE(native_template_wish, struct wish, wish_fields);

struct view {
	struct rpc_template_info info;
	struct rpc_template_settings settings;
	uint32_t is_shared;
};

#define INFO(field) offsetof(struct view, info.field)
#define SET(field)  offsetof(struct view, settings.field)

#define VIEW_FIELDS                                                            \
	{"name", FIELD_STRING, INFO(name), .text = "what creates call it"},    \
	{"version", FIELD_STRING, INFO(id), .text =                            \
	    "null of a base", .is_nullable = true},                            \
	{"parent", FIELD_STRING, INFO(parent), .text =                         \
	    "what it was made on", .is_nullable = true},                       \
	{"shared", FIELD_BOOLEAN, offsetof(struct view, is_shared), .text =    \
	    "whether every organisation has it"},                              \
	{"owner", FIELD_STRING, INFO(owner), .text =                           \
	    "the user who made it", .is_nullable = true},                      \
	{"created_at", FIELD_TIME, INFO(created_ms), .text = "when"},          \
	{"current", FIELD_BOOLEAN, INFO(is_current), .text =                   \
	    "whether creates of its name use it; one that is not is there "    \
	    "for what was made of it"},                                        \
	{"sandboxes", FIELD_U32, INFO(sandboxes), .text =                      \
	    "how many of yours are made of it, for the operator all; of a "    \
	    "base they are not counted"},

static const struct field view_fields[] = {
    VIEW_FIELDS
};
FIELD_TABLE(native_template, struct view, view_fields);

static const struct field detail_fields[] = {
    VIEW_FIELDS
    {"user", FIELD_STRING, SET(user), .text = "its default user",
	.group = "settings", .is_nullable = true},
    {"workdir", FIELD_STRING, SET(workdir), .text = "where commands start",
	.group = "settings", .is_nullable = true},
    {"entrypoint", FIELD_STRINGS, SET(entrypoint), .text =
	"run once a sandbox of it has started", .group = "settings"},
    {"env", FIELD_STRINGS, SET(env), .text = "NAME=value each",
	.group = "settings"},
    {"memory", FIELD_SIZE, SET(memory_limit_bytes), .text =
	"0: not said; so it is below", .group = "settings"},
    {"disk", FIELD_SIZE, SET(disk_limit_bytes), .text = "disk",
	.group = "settings"},
    {"pids", FIELD_U32, SET(pids_limit), .text = "processes and threads",
	.group = "settings"},
    {"cpu", FIELD_MILLIS, SET(cpu_limit_millis), .text = "CPUs",
	.group = "settings"},
    {"pool_size", FIELD_U32, SET(pool_size), .text = "made ahead",
	.group = "settings"},
};
FIELD_TABLE(native_template_detail, struct view, detail_fields);

static const struct field log_fields[] = {
    {"log", FIELD_STRING, 0, .text = "what it was published with"},
};
FIELD_TABLE(native_template_log, const char *, log_fields);

static void
reply(struct exchange *exchange, unsigned int status,
    const struct field_table *table, const struct rpc_template_info *info,
    const struct rpc_template_settings *settings)
{
	struct view view = {.info = *info,
	    .is_shared = info->org[0] == '\0'};

	if (settings != NULL)
		view.settings = *settings;
	exchange_reply(exchange, status, field_print(table, &view));
}

static void
on_got(void *arg, const struct rpc_template_info *info,
    const struct rpc_template_settings *settings, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		reply(arg, 200, &native_template_detail, info, settings);
}

void
native_get_template(struct exchange *exchange)
{
	templates_get(exchange_who(exchange),
	    exchange_param(exchange, "name"), on_got, exchange);
}

static void
on_published(void *arg, const struct rpc_template_info *info,
    const struct rpc_template_settings *settings, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		reply(arg, 201, &native_template, info, settings);
}

static struct rpc_strv
as_strv(const struct field_variables *variables)
{
	return (struct rpc_strv){variables->data, variables->size,
	    variables->count};
}

/* *ret in buffer, which is the caller's. -EMSGSIZE: env or entrypoint. */
static int
encode_settings(const struct wish *wish, struct rpc_bytes egress,
    uint8_t buffer[SETTINGS_BYTES_MAX], struct rpc_bytes *ret,
    struct err *err)
{
	struct rpc_template_settings settings = {
	    .user = wish->user != NULL ? wish->user : "",
	    .workdir = wish->workdir != NULL ? wish->workdir : "",
	    .entrypoint = as_strv(&wish->entrypoint),
	    .env = as_strv(&wish->env),
	    .memory_limit_bytes = wish->memory_bytes,
	    .pids_limit = wish->pids, .cpu_limit_millis = wish->cpu_millis,
	    .disk_limit_bytes = wish->disk_bytes, .egress = egress,
	    .pool_size = wish->pool_size};
	uint8_t times[TIME_WISH_BYTES];
	int r = time_wish_encode(&wish->time, times, &settings.lifetime, err);
	ptrdiff_t n;

	if (r < 0)
		return r;
	n = rpc_encode(&rpc_layout_template_settings, &settings, buffer,
	    SETTINGS_BYTES_MAX);
	if (n < 0)
		return err_set(err, EINVAL, "env: longer than 16384 bytes");
	*ret = (struct rpc_bytes){buffer, (uint32_t)n};
	return 0;
}

static void
publish(struct exchange *exchange, const struct wish *wish,
    struct rpc_bytes egress)
{
	auto_free uint8_t *buffer = malloc(SETTINGS_BYTES_MAX);
	struct rpc_template_publish_req request = {
	    .sandbox_id = wish->sandbox, .name = wish->name,
	    .is_shared = wish->shared == FIELD_TRUE};
	struct err err = {ENOMEM, "out of memory"};

	if (wish->log != NULL)
		request.log = (struct rpc_bytes){
		    (const uint8_t *)wish->log, (uint32_t)strlen(wish->log)};
	if (buffer == NULL || encode_settings(wish, egress, buffer,
	    &request.settings, &err) < 0)
		exchange_fail_err(exchange, &err);
	else
		templates_publish(exchange_who(exchange), &request,
		    on_published, exchange);
}

static void
publish_wish(struct exchange *exchange, const struct wish *wish)
{
	struct rpc_bytes egress = {0};
	struct failure failure;

	if (wish->egress.count > 0 && egress_wish_make(wish->egress.items,
	    "egress.", &egress, &failure) < 0) {
		exchange_fail(exchange, &failure);
		return;
	}
	publish(exchange, wish, egress);
	free((void *)(uintptr_t)egress.data);
}

void
native_publish_template(struct exchange *exchange)
{
	publish_wish(exchange, exchange_input(exchange));
}

void
native_publish_object(struct exchange *exchange, const json_t *object)
{
	struct wish wish = {0};
	struct failure failure;

	if (field_read(&native_template_wish, object, &wish, &failure) < 0)
		exchange_fail(exchange, &failure);
	else
		publish_wish(exchange, &wish);
	field_fini(&native_template_wish, &wish);
}

void
native_remove_template(struct exchange *exchange)
{
	templates_remove(exchange_who(exchange),
	    exchange_param(exchange, "name"), exchange_done, exchange);
}

static void
on_log(void *arg, struct rpc_bytes log, const struct err *err)
{
	const struct err out_of_memory = {ENOMEM, "out of memory"};
	char *text = err == NULL ? malloc((size_t)log.size + 1) : NULL;

	if (err == NULL && text == NULL)
		err = &out_of_memory;
	if (err != NULL) {
		exchange_fail_err(arg, err);
		return;
	}
	if (log.size > 0)
		memcpy(text, log.data, log.size);
	text[log.size] = '\0';
	exchange_reply(arg, 200, field_print(&native_template_log, &text));
	free(text);
}

void
native_read_template_log(struct exchange *exchange)
{
	templates_log(exchange_who(exchange),
	    exchange_param(exchange, "name"), on_log, exchange);
}

static int
add(void *arg, const struct rpc_template_info *info)
{
	const struct view view = {.info = *info,
	    .is_shared = info->org[0] == '\0'};

	return listing_add(arg, field_print(&native_template, &view));
}

static void
on_listed(void *arg, const struct err *err)
{
	struct listing *listing = arg;
	json_t *list = listing_end(listing, err);

	if (list != NULL)
		exchange_reply(listing->exchange, 200, json_pack("{s:o}",
		    "templates", list));
}

void
native_list_templates(struct exchange *exchange)
{
	struct listing *listing = listing_begin(exchange);

	if (listing != NULL)
		templates_list(exchange_who(exchange), add, on_listed,
		    listing);
}
