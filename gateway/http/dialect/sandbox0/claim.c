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
#include "gateway/http/dialect/sandbox0/services.h"
#include "gateway/http/service/webhooks.h"

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

struct webhook {
	const char *url, *secret, *folder;
};
#define WEBHOOK(field) offsetof(struct webhook, field)
static const struct field webhook_fields[] = {
    {"url", FIELD_STRING, WEBHOOK(url), 1, 1023,
	"where its events are posted", "a URL"},
    {"secret", FIELD_STRING, WEBHOOK(secret), 0, 256,
	"what bodies are signed with"},
    {"watch_dir", FIELD_STRING, WEBHOOK(folder), 0, 4095,
	"not here: files are watched over a WebSocket"},
};
static FIELD_TABLE(sandbox0_webhook, struct webhook, webhook_fields);

struct config {
	struct time_wish time;
	struct field_variables env;
	struct field_objects resources, network, webhook, services;
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
	.text = "whether who uses it while it is paused resumes it; true "
	"where left out"},
    {"network", FIELD_OBJECT, CONFIG(network), .text =
	"what it may reach; the host's default where left out",
	.table = &sandbox0_network_wish},
    {"webhook", FIELD_OBJECT, CONFIG(webhook), .text =
	"who is told what befalls it", .table = &sandbox0_webhook},
    {"services", FIELD_OBJECTS, CONFIG(services), 0, 64,
	"what of it is served to those outside",
	.table = &sandbox0_service},
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

static const struct config *
config_of(const struct exchange *exchange)
{
	static const struct config none;
	const struct wish *wish = exchange_input(exchange);

	return wish->config.count > 0 ? wish->config.items : &none;
}

/* One that has been made, until all else is there that was asked for. */
struct claimed {
	struct exchange *exchange;
	json_t *answer; /* owned */
	char id[SANDBOX_ID_SIZE];
	struct err refusal;
};

static void
on_gone(void *arg)
{
	const struct claimed *claimed = arg;

	json_decref(claimed->answer);
}

static void
on_undone(void *arg, const struct err *err)
{
	const struct claimed *claimed = arg;

	(void)err; /* it is listed, and its owner may delete it */
	exchange_fail_err(claimed->exchange, &claimed->refusal);
}

/* It is not left half as it was asked for. */
static void
undo(struct claimed *claimed, const struct err *err)
{
	claimed->refusal = *err;
	sandboxes_destroy(exchange_who(claimed->exchange), claimed->id,
	    on_undone, claimed);
}

static void
on_served(void *arg, const struct err *err)
{
	struct claimed *claimed = arg;

	if (err != NULL)
		undo(claimed, err);
	else
		sandbox0_reply(claimed->exchange, 201,
		    json_incref(claimed->answer));
}

static void
serve(struct claimed *claimed)
{
	const struct config *config = config_of(claimed->exchange);

	if (config->services.count > 0)
		sandbox0_services_replace(claimed->exchange, claimed->id,
		    &config->services, on_served, claimed);
	else
		on_served(claimed, NULL);
}

static void
on_hooked(void *arg, const struct rpc_webhook_info *webhook,
    const struct err *err)
{
	(void)webhook;
	if (err != NULL)
		undo(arg, err);
	else
		serve(arg);
}

static void
hook(struct claimed *claimed)
{
	const struct webhook *webhook =
	    config_of(claimed->exchange)->webhook.items;
	struct rpc_webhook_add_req add = {.sandbox_id = claimed->id,
	    .kinds = ""};

	if (webhook == NULL) {
		serve(claimed);
		return;
	}
	add.url = webhook->url;
	add.secret = webhook->secret != NULL ? webhook->secret : "";
	webhooks_add(exchange_who(claimed->exchange), &add, on_hooked,
	    claimed);
}

static void
on_claimed(void *arg, const struct sandboxes_view *sandbox,
    const struct err *err)
{
	struct claimed *claimed = arg;
	const struct rpc_sandbox_info *info;
	char pod[SANDBOX_ID_SIZE], room[ALIAS_SIZE];

	if (err != NULL) {
		fail(claimed->exchange, err);
		return;
	}
	info = &sandbox->info;
	sandbox_id_spell(info->id, pod);
	snprintf(claimed->id, sizeof claimed->id, "%s", info->id);
	claimed->answer = json_pack("{s:s, s:s, s:s, s:s, s:s}",
	    "sandbox_id", info->id, "status", sandbox0_status(info),
	    "pod_name", pod, "template",
	    sandbox0_template_told(claimed->exchange, info->template_name,
	    room), "cluster_id", "sandgate");
	hook(claimed);
}

static int
choose_origin(struct exchange *exchange, const struct wish *wish,
    char origin[ORIGIN_SIZE], struct failure *failure)
{
	char room[ALIAS_SIZE];

	if (*wish->template_name == '\0' && *wish->snapshot == '\0')
		return failure_of_field(failure, "template",
		    "must be given, or a snapshot_id");
	if (*wish->snapshot != '\0')
		snprintf(origin, ORIGIN_SIZE, "@%s", wish->snapshot);
	else
		snprintf(origin, ORIGIN_SIZE, "%s", sandbox0_template(exchange,
		    wish->template_name, room));
	if (wish->mounts.count > 0)
		return failure_of_field(failure, "mounts",
		    "there are no volumes here");
	return 0;
}

/* What of its configuration cannot be, before anything is made. */
static int
check(const struct config *config, struct rpc_sandbox_create_req *create,
    struct failure *failure)
{
	const struct resources *resources = config->resources.items;
	const struct webhook *webhook = config->webhook.items;

	if (webhook != NULL && webhook->folder != NULL &&
	    *webhook->folder != '\0')
		return failure_of_field(failure, "config.webhook.watch_dir",
		    "files are not told of so here; see files/watch");
	if (resources != NULL && resources->memory != NULL &&
	    sandbox0_quantity("config.resources.memory", resources->memory,
	    &create->memory_limit_bytes, failure) < 0)
		return -EINVAL;
	if (sandbox0_services_check(&config->services, "config.",
	    failure) < 0)
		return -EINVAL;
	return config->network.count == 0 ? 0 : sandbox0_network_make(
	    config->network.items, "config.network.", &create->egress,
	    failure);
}

static void
claim(struct exchange *exchange, struct rpc_sandbox_create_req *create)
{
	struct claimed *claimed = exchange_memory(exchange, sizeof *claimed);
	const struct exchange_stream stream = {.gone = on_gone,
	    .arg = claimed};
	struct time_wish time = config_of(exchange)->time;
	uint8_t buffer[TIME_WISH_BYTES];
	struct err err = {ENOMEM, "out of memory"};

	time.on_expiry = "pause";
	if (claimed == NULL || time_wish_encode(&time, buffer,
	    &create->lifetime, &err) < 0) {
		exchange_fail_err(exchange, &err);
		return;
	}
	claimed->exchange = exchange;
	exchange_set_stream(exchange, &stream);
	sandboxes_create(exchange_who(exchange), create, on_claimed, claimed);
}

void
sandbox0_claim(struct exchange *exchange)
{
	const struct config *config = config_of(exchange);
	char origin[ORIGIN_SIZE];
	struct rpc_sandbox_create_req create = {.name = "", .size = "",
	    .template_name = origin,
	    .env = {config->env.data, config->env.size, config->env.count},
	    .is_resumed_by_hand = config->auto_resume == FIELD_FALSE};
	struct failure failure;

	if (choose_origin(exchange, exchange_input(exchange), origin,
	    &failure) < 0 || check(config, &create, &failure) < 0)
		exchange_fail(exchange, &failure);
	else
		claim(exchange, &create);
	free((void *)(uintptr_t)create.egress.data);
}
