// SPDX-License-Identifier: Apache-2.0
/* POST /v2/sandboxes, and what else is answered with a sandbox and a secret
 * that opens it. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/parse.h"
#include "gateway/http/dialect/aliases.h"
#include "gateway/http/dialect/e2b/answer.h"
#include "gateway/http/dialect/e2b/network.h"
#include "gateway/http/dialect/native/time_wish.h"
#include "gateway/http/dialect/repeat_key.h"
#include "gateway/http/dialect/sandbase/sandbase.h"

#define METADATA_MAX_BYTES 2047
#define ORIGIN_SIZE	   64 /* of rpc.def's template_name */

struct resume_wish {
	uint32_t is_enabled;
};
static const struct field resume_fields[] = {
    {"enabled", FIELD_BOOLEAN, offsetof(struct resume_wish, is_enabled),
	.text = "whether who uses it while it is paused resumes it"},
};
static FIELD_TABLE(e2b_resume, struct resume_wish, resume_fields);

struct wish {
	const char *template_name;
	uint64_t timeout_s;
	char *metadata;
	struct field_variables env;
	uint32_t pauses, keeps_memory, may_reach_internet, is_secure;
	struct field_objects resume, network;
};
#define WISH(field) offsetof(struct wish, field)
static const struct field wish_fields[] = {
    {"templateID", FIELD_NAME, WISH(template_name), 1, 63,
	"a template, or a snapshot by its id", "a template"},
    {"timeout", FIELD_SECONDS, WISH(timeout_s), 0, TIME_WISH_MAX,
	"seconds until it ends; 300 where left out, 600 of claude's like"},
    {"metadata", FIELD_MAP, WISH(metadata), 0, METADATA_MAX_BYTES,
	"strings to find it by"},
    {"envVars", FIELD_VARIABLES, WISH(env), 0, 0,
	"variables every process starts with"},
    {"autoPause", FIELD_BOOLEAN, WISH(pauses), .text =
	"whether it is paused, and not destroyed, when its time is over"},
    {"autoPauseMemory", FIELD_BOOLEAN, WISH(keeps_memory), .text =
	"whether its processes are kept then; true where left out"},
    {"autoResume", FIELD_OBJECT, WISH(resume), .text =
	"who resumes it", .table = &e2b_resume},
    {"allow_internet_access", FIELD_BOOLEAN, WISH(may_reach_internet),
	.text = "false: what network does not allow is denied"},
    {"network", FIELD_OBJECT, WISH(network), .text = "what it may reach",
	.table = &e2b_network},
    {"secure", FIELD_BOOLEAN, WISH(is_secure), .text =
	"always: nobody gets in without a secret"},
};
FIELD_TABLE(e2b_sandbox_wish, struct wish, wish_fields);

struct timeout_wish {
	uint64_t timeout_s;
};
static const struct field timeout_fields[] = {
    {"timeout", FIELD_SECONDS, offsetof(struct timeout_wish, timeout_s), 0,
	TIME_WISH_MAX, "seconds from now on until it ends"},
};
FIELD_TABLE(e2b_timeout_wish, struct timeout_wish, timeout_fields);

struct connect_wish {
	uint64_t timeout_s;
	uint32_t keeps_memory;
};
static const struct field connect_fields[] = {
    {"timeout", FIELD_SECONDS, offsetof(struct connect_wish, timeout_s), 0,
	TIME_WISH_MAX, "at least so many seconds from now on until it ends"},
    {"memory", FIELD_BOOLEAN, offsetof(struct connect_wish, keeps_memory),
	.text = "whether its processes go on; true where left out"},
};
FIELD_TABLE(e2b_connect_wish, struct connect_wish, connect_fields);

/* Sandbase's clients, who alone ask at /sandboxes, are told otherwise of a
 * template there is not. */
static void
on_created(void *arg, const struct sandboxes_view *sandbox,
    const struct err *err)
{
	const struct wish *wish = exchange_input(arg);
	struct failure failure;

	if (err == NULL || err->code != ENOENT ||
	    strcmp(exchange_route(arg)->pattern, "/sandboxes") != 0) {
		answer_sandbox(arg, 201, sandbox, err);
		return;
	}
	failure_set(&failure, 400, "invalid_argument", "templateID",
	    "unknown template: %s", wish->template_name);
	exchange_fail(arg, &failure);
}

void
e2b_create_sandbox(struct exchange *exchange)
{
	const struct wish *wish = exchange_input(exchange);
	const struct resume_wish *resume = wish->resume.items;
	struct time_wish time = {.ttl_s = wish->timeout_s != 0 ?
	    wish->timeout_s : sandbase_timeout_s(wish->template_name),
	    .on_expiry = "destroy"};
	char origin[ORIGIN_SIZE], alias[ALIAS_SIZE], other[ALIAS_SIZE];
	const char *template_name;
	uint8_t buffer[TIME_WISH_BYTES];
	struct rpc_sandbox_create_req create = {.name = "", .size = "",
	    .template_name = origin,
	    .env = {wish->env.data, wish->env.size, wish->env.count},
	    .metadata = wish->metadata,
	    .is_resumed_by_hand = wish->resume.count == 0 ||
		resume->is_enabled != FIELD_TRUE};
	const struct network_wish *network = wish->network.count > 0 ?
	    wish->network.items : &(struct network_wish){0};
	struct repeat_key repeat;
	struct failure failure;
	struct err err;

	/* Sandbase's clients ask at the same path. */
	template_name = alias_find(exchange_conf(exchange)->aliases_sandbase,
	    alias_find(exchange_conf(exchange)->aliases_e2b,
	    wish->template_name, alias), other);
	snprintf(origin, sizeof origin, "%s%s",
	    snapshot_id_is_valid(template_name) ? "@" : "", template_name);
	if (wish->pauses == FIELD_TRUE)
		time.on_expiry = wish->keeps_memory == FIELD_FALSE ?
		    "suspend" : "pause";
	if (time_wish_encode(&time, buffer, &create.lifetime, &err) < 0)
		exchange_fail_err(exchange, &err);
	else if (repeat_key_read(exchange, &repeat, &failure) < 0 ||
	    network_make(network, wish->may_reach_internet, "network.",
	    &create.egress, &failure) < 0)
		exchange_fail(exchange, &failure);
	else {
		create.request_key = repeat.key;
		create.request_body = repeat.body;
		sandboxes_create(exchange_who(exchange), &create, on_created,
		    exchange);
	}
	free((void *)(uintptr_t)create.egress.data);
}

static void
on_got(void *arg, const struct sandboxes_view *sandbox, const struct err *err)
{
	answer_sandbox(arg, 200, sandbox, err);
}

void
e2b_get_sandbox(struct exchange *exchange)
{
	sandboxes_get(exchange_who(exchange), exchange_param(exchange, "id"),
	    on_got, exchange);
}

static void
on_resumed(void *arg, const struct sandboxes_view *sandbox,
    const struct err *err)
{
	const struct connect_wish *wish = exchange_input(arg);

	if (err != NULL || wish->timeout_s == 0)
		on_got(arg, sandbox, err);
	else
		sandboxes_refresh(exchange_who(arg),
		    exchange_param(arg, "id"), wish->timeout_s == FIELD_NEVER ?
		    RPC_NEVER : wish->timeout_s, on_got, arg);
}

static void
on_suspended(void *arg, const struct sandboxes_view *sandbox,
    const struct err *err)
{
	if (err != NULL)
		on_got(arg, sandbox, err);
	else
		sandboxes_power(exchange_who(arg), exchange_param(arg, "id"),
		    SANDBOXES_RUNNING, on_resumed, arg);
}

/* Without memory it begins anew on its disk. */
void
e2b_connect_sandbox(struct exchange *exchange)
{
	const struct connect_wish *wish = exchange_input(exchange);

	sandboxes_power(exchange_who(exchange), exchange_param(exchange, "id"),
	    wish->keeps_memory == FIELD_FALSE ? SANDBOXES_SUSPENDED :
	    SANDBOXES_RUNNING, wish->keeps_memory == FIELD_FALSE ?
	    on_suspended : on_resumed, exchange);
}
