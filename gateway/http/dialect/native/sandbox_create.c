// SPDX-License-Identifier: Apache-2.0
/*
 * POST /v1/sandboxes, which zwrm's and 8080's clients use as well: their words
 * are fields beside ours (docs/COMPATIBILITY.md).
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/parse.h"
#include "gateway/http/back/identity.h"
#include "gateway/http/dialect/aliases.h"
#include "gateway/http/dialect/native/disk_mounts.h"
#include "gateway/http/dialect/native/egress_list.h"
#include "gateway/http/dialect/native/limit_wish.h"
#include "gateway/http/dialect/native/native.h"
#include "gateway/http/dialect/repeat_key.h"
#include "gateway/http/service/sandboxes.h"

#define ORIGIN_SIZE    64 /* of rpc.def's template_name */
#define IMAGE_MAX      255
#define DISKS_MAX      511
#define TIMEOUT_S      300
#define IDLE_TIMEOUT_S 600

struct resources {
	struct wish_limits limits;
};
static const struct field resource_fields[] = {
    RESOURCE_FIELDS(struct resources)
};
FIELD_TABLE(native_resources_wish, struct resources, resource_fields);

struct wish {
	struct time_wish time;
	struct wish_limits limits;
	struct field_objects resources; /* of resource_table */
	const char *template_name, *snapshot, *name, *mode, *image, *project;
	const char *disks;
	uint32_t ephemeral, private, auto_resume, nesting;
	char *metadata, *labels;
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
    TIME_WISH_FIELDS(struct wish, false)
    METADATA(struct wish)
    {"labels", FIELD_MAP, WISH(labels), 0, METADATA_MAX_BYTES,
	"the same as metadata, by another word"},
    {"mode", FIELD_STRING, WISH(mode), 1, 15,
	"ephemeral: timeout destroys it, 5m where left out; persistent: "
	"idle_timeout suspends it, 10m where left out"},
    {"image", FIELD_STRING, WISH(image), 1, IMAGE_MAX,
	"the same as template, by another word"},
    {"resources", FIELD_OBJECT, WISH(resources), .text =
	"limits, by another word", .table = &native_resources_wish},
    {"project", FIELD_STRING, WISH(project), 0, IMAGE_MAX,
	"the organisation, which is the caller's"},
    {"env", FIELD_VARIABLES, WISH(env), 0, 0,
	"variables every process starts with"},
    {"disks", FIELD_STRING, WISH(disks), 0, DISKS_MAX,
	"disks to mount in it, as long as it is there: DISK:/PATH, or "
	"DISK:/PATH:ro for reading, by commas; by id or name"},
    {"egress", FIELD_OBJECT, WISH(egress), .text =
	"what it may reach; the host's default where left out",
	.table = &native_egress_wish},
};
FIELD_TABLE(native_sandbox_wish, struct wish, wish_fields);

static void
on_created(void *arg, const struct sandboxes_view *sandbox,
    const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		exchange_reply(arg, 201, native_print_sandbox(sandbox));
}

/* As rpc.def has a snapshot in the place of a template. */
static int
choose_origin(const struct wish *wish, char origin[ORIGIN_SIZE],
    struct rpc_sandbox_create_req *create, struct err *err)
{
	if (wish->snapshot[0] == '\0')
		return 0;
	if (create->template_name[0] != '\0')
		return err_set(err, EINVAL,
		    "template: is that of the snapshot; leave it out");
	snprintf(origin, ORIGIN_SIZE, "@%s", wish->snapshot);
	create->template_name = origin;
	return 0;
}

/* What is said twice, or cannot be together. */
static int
check_words(const struct wish *wish, const char *org, struct failure *failure)
{
	if (wish->labels != NULL && wish->metadata != NULL)
		return failure_of_field(failure, "labels",
		    "are the metadata; give one of them");
	if (wish->image != NULL && *wish->template_name != '\0')
		return failure_of_field(failure, "image",
		    "is the template; give one of them");
	if (wish->project != NULL && *wish->project != '\0' &&
	    strcmp(wish->project, org) != 0)
		return failure_set(failure, 403, "permission_denied",
		    "project", "project: is \"%s\" for you", org);
	return 0;
}

static int
refuse_mode(struct failure *failure, const char *field, const char *mode)
{
	return failure_of_field(failure, field, "is not for what is %s",
	    mode);
}

/* What a mode leaves unsaid. */
static int
apply_mode(const struct wish *wish, struct time_wish *time,
    struct failure *failure)
{
	const char *mode = wish->mode;

	*time = wish->time;
	if (time->timeout_s != 0 && (time->timeout_s > TIMEOUT_MAX_S))
		return failure_of_field(failure, "timeout",
		    "must be from 1s to 24h, such as 5m; a ttl may be longer");
	if (mode == NULL)
		return 0;
	if (strcmp(mode, "ephemeral") == 0) {
		if (time->idle_timeout_s != 0 &&
		    time->idle_timeout_s != FIELD_NEVER)
			return refuse_mode(failure, "idle_timeout", mode);
		if (time->timeout_s == 0 && time->ttl_s == 0)
			time->timeout_s = TIMEOUT_S;
		if (time->on_expiry == NULL)
			time->on_expiry = "destroy";
	} else if (strcmp(mode, "persistent") == 0) {
		if (time->timeout_s != 0)
			return refuse_mode(failure, "timeout", mode);
		if (time->idle_timeout_s == 0)
			time->idle_timeout_s = IDLE_TIMEOUT_S;
	} else {
		return failure_of_field(failure, "mode",
		    "must be one of ephemeral, persistent");
	}
	return 0;
}

/* Each limit once, whether it is said in resources or not. */
static int
apply_resources(const struct wish *wish, struct rpc_sandbox_create_req *create,
    struct failure *failure)
{
	const struct resources *resources = wish->resources.items;
	const struct wish_limits *limits;

	if (wish->resources.count == 0)
		return 0;
	limits = &resources->limits;
	if ((limits->memory_bytes != 0 && create->memory_limit_bytes != 0) ||
	    (limits->disk_bytes != 0 && create->disk_limit_bytes != 0) ||
	    (limits->pids != 0 && create->pids_limit != 0) ||
	    (limits->cpu_millis != 0 && create->cpu_limit_millis != 0))
		return failure_of_field(failure, "resources",
		    "a limit is given beside it as well");
	if (limits->memory_bytes != 0)
		create->memory_limit_bytes = limits->memory_bytes;
	if (limits->disk_bytes != 0)
		create->disk_limit_bytes = limits->disk_bytes;
	if (limits->pids != 0)
		create->pids_limit = limits->pids;
	if (limits->cpu_millis != 0)
		create->cpu_limit_millis = limits->cpu_millis;
	return 0;
}

/* A template by its own name, or by one that a product's clients know. */
static int
choose_template(struct exchange *exchange, const struct wish *wish,
    char room[ALIAS_SIZE], struct rpc_sandbox_create_req *create,
    struct failure *failure)
{
	const char *name = wish->image != NULL ? wish->image :
	    wish->template_name;

	if (*name == '\0')
		return 0;
	name = alias_find(exchange_conf(exchange)->aliases_zwrm, name, room);
	if (!name_is_valid(name))
		return failure_set(failure, 404, "not_found", "template",
		    "template: there is no \"%.63s\"", name);
	create->template_name = name;
	return 0;
}

static void
create_with(struct exchange *exchange, const char *disks)
{
	const struct wish *wish = exchange_input(exchange);
	uint8_t buffer[TIME_WISH_BYTES];
	char origin[ORIGIN_SIZE], alias[ALIAS_SIZE];
	struct time_wish time;
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
	    .metadata = wish->labels != NULL ? wish->labels :
		wish->metadata,
	    .is_nesting = wish->nesting == FIELD_TRUE,
	    .disks = disks,
	    .is_resumed_by_hand = wish->auto_resume == FIELD_FALSE};
	struct repeat_key repeat;
	struct failure failure;

	if (check_words(wish, identity_org(exchange_who(exchange)),
	    &failure) < 0 || apply_mode(wish, &time, &failure) < 0 ||
	    apply_resources(wish, &create, &failure) < 0 ||
	    repeat_key_read(exchange, &repeat, &failure) < 0 ||
	    choose_template(exchange, wish, alias, &create, &failure) < 0) {
		exchange_fail(exchange, &failure);
		return;
	}
	create.request_key = repeat.key;
	create.request_body = repeat.body;
	if (time_wish_encode(&time, buffer, &create.lifetime, &err) < 0 ||
	    choose_origin(wish, origin, &create, &err) < 0) {
		exchange_fail_err(exchange, &err);
		return;
	}
	if (wish->egress.count > 0 && egress_wish_make(wish->egress.items,
	    "egress.", &create.egress, &failure) < 0) {
		exchange_fail(exchange, &failure);
		return;
	}
	sandboxes_create(exchange_who(exchange), &create, on_created,
	    exchange);
	free((void *)(uintptr_t)create.egress.data);
}

void
native_create_sandbox(struct exchange *exchange)
{
	const struct wish *wish = exchange_input(exchange);

	if (wish->disks == NULL || *wish->disks == '\0')
		create_with(exchange, "");
	else
		disk_mounts_resolve(exchange, wish->disks, create_with);
}
