// SPDX-License-Identifier: Apache-2.0
/* POST /api/v1/sandboxes */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/parse.h"
#include "gateway/http/dialect/native/limit_wish.h"
#include "gateway/http/dialect/sandbox0/network.h"

#define ORIGIN_SIZE 64 /* of rpc.def's template_name */
#define THROTTLED_S 1

struct resources {
	const char *memory;
};
static const struct field resource_fields[] = {
    {"memory", FIELD_STRING, offsetof(struct resources, memory), 1, 31,
	"memory of all its processes, such as 512Mi"},
};
static FIELD_TABLE(sandbox0_resources, struct resources, resource_fields);

struct config {
	struct time_wish time;
	struct field_variables env;
	struct field_objects resources, network;
	uint32_t auto_resume;
};
#define CONFIG(field) offsetof(struct config, field)
static const struct field config_fields[] = {
    {"env_vars", FIELD_VARIABLES, CONFIG(env), 0, 0,
	"variables every process starts with"},
    {"ttl", FIELD_SECONDS, CONFIG(time.ttl_s), 0, TIME_WISH_MAX,
	"seconds until it is paused; 0 = never"},
    {"hard_ttl", FIELD_SECONDS, CONFIG(time.hard_ttl_s), 0, TIME_WISH_MAX,
	"seconds until it is cleaned, not less than ttl; 0 = never"},
    {"auto_resume", FIELD_BOOLEAN, CONFIG(auto_resume),
	.text = "whether who uses it while it is paused resumes it; true where "
		"left "
		"out"},
    {"network", FIELD_OBJECT, CONFIG(network), .text =
	"what it may reach; the host's default where left out",
	.table = &sandbox0_network_wish},
    {"resources", FIELD_OBJECT, CONFIG(resources), .text = "its limits",
	.table = &sandbox0_resources},
};
static FIELD_TABLE(sandbox0_config, struct config, config_fields);

struct mount {
	const char *volume, *point;
};
static const struct field mount_fields[] = {
    {"sandboxvolume_id", FIELD_STRING, offsetof(struct mount, volume), 1, 255,
	"a volume"},
    {"mount_point", FIELD_STRING, offsetof(struct mount, point), 1, 4095,
	"where"},
};
static FIELD_TABLE(sandbox0_mount, struct mount, mount_fields);

struct wish {
	const char *template_name, *snapshot;
	struct field_objects config, mounts;
};
#define WISH(field) offsetof(struct wish, field)
static const struct field wish_fields[] = {
    {"template", FIELD_NAME, WISH(template_name), 1, 63,
	"what it is made from"},
    {"snapshot_id", FIELD_NAME, WISH(snapshot), 1, 62,
	"a snapshot whose disk and template it has"},
    {"config", FIELD_OBJECT, WISH(config), .text = "what it is like",
	.table = &sandbox0_config},
    {"mounts", FIELD_OBJECTS, WISH(mounts), 0, 16, "volumes; there are none",
	.table = &sandbox0_mount},
};
FIELD_TABLE(sandbox0_claim_wish, struct wish, wish_fields);

/* A host that has no room now is one to ask again. */
static void
fail(struct exchange *exchange, const struct err *err)
{
	struct failure failure;

	failure_from_err(&failure, err);
	if (failure.status != 503) {
		exchange_fail_err(exchange, err);
		return;
	}
	failure.status = 429;
	failure.code = "claim_start_throttled";
	if (failure.retry_s == 0)
		failure.retry_s = THROTTLED_S;
	exchange_fail(exchange, &failure);
}

static void
on_claimed(
    void *arg, const struct sandboxes_view *sandbox, const struct err *err)
{
	const struct rpc_sandbox_info *info;
	char id[SANDBOX_ID_SIZE], room[ALIAS_SIZE];

	if (err != NULL) {
		fail(arg, err);
		return;
	}
	info = &sandbox->info;
	sandbox_id_spell(info->id, id);
	sandbox0_reply(arg, 201,
	    json_pack("{s:s, s:s, s:s, s:s, s:s}", "sandbox_id", info->id,
		"status", sandbox0_status(info), "pod_name", id, "template",
		sandbox0_template_told(arg, info->template_name, room),
		"cluster_id", "sandgate"));
}

static int
choose_origin(struct exchange *exchange, const struct wish *wish,
    char origin[ORIGIN_SIZE], struct failure *failure)
{
	char room[ALIAS_SIZE];

	if (*wish->template_name == '\0' && *wish->snapshot == '\0')
		return failure_of_field(
		    failure, "template", "must be given, or a snapshot_id");
	if (*wish->snapshot != '\0')
		snprintf(origin, ORIGIN_SIZE, "@%s", wish->snapshot);
	else
		snprintf(origin, ORIGIN_SIZE, "%s",
		    sandbox0_template(exchange, wish->template_name, room));
	if (wish->mounts.count > 0)
		return failure_of_field(
		    failure, "mounts", "there are no volumes here");
	return 0;
}

void
sandbox0_claim(struct exchange *exchange)
{
	const struct wish *wish = exchange_input(exchange);
	const struct config *config =
	    wish->config.count > 0 ? wish->config.items : &(struct config){0};
	const struct resources *resources = config->resources.items;
	struct time_wish time = config->time;
	uint8_t buffer[TIME_WISH_BYTES];
	char origin[ORIGIN_SIZE];
	struct rpc_sandbox_create_req create = {.name = "",
	    .size = "",
	    .template_name = origin,
	    .env = {config->env.data, config->env.size, config->env.count},
	    .is_resumed_by_hand = config->auto_resume == FIELD_FALSE};
	struct failure failure;
	struct err err;

	time.on_expiry = "pause";
	if (choose_origin(exchange, wish, origin, &failure) < 0 ||
	    (resources != NULL && resources->memory != NULL &&
		sandbox0_quantity("config.resources.memory", resources->memory,
		    &create.memory_limit_bytes, &failure) < 0) ||
	    (config->network.count > 0 && sandbox0_network_make(
	    config->network.items, "config.network.", &create.egress,
	    &failure) < 0))
		exchange_fail(exchange, &failure);
	else if (time_wish_encode(&time, buffer, &create.lifetime, &err) < 0)
		exchange_fail_err(exchange, &err);
	else
		sandboxes_create(
		    exchange_who(exchange), &create, on_claimed, exchange);
}
