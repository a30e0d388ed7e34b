// SPDX-License-Identifier: Apache-2.0
/* Sessions: sandboxes in which one talks to an agent. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json_load.h"
#include "common/parse.h"
#include "gateway/http/dialect/aliases.h"
#include "gateway/http/dialect/listing.h"
#include "gateway/http/dialect/native/time_wish.h"
#include "gateway/http/dialect/sandbase/sandbase.h"
#include "gateway/http/dialect/sandbase/talk.h"
#include "gateway/http/dialect/states.h"
#include "gateway/http/service/agents.h"
#include "gateway/http/service/sandboxes.h"

#define TIMEOUT_S 600

struct environment {
	const char *template_name;
	uint64_t timeout_s;
	struct field_variables env;
};
#define PLACE(field) offsetof(struct environment, field)
static const struct field environment_fields[] = {
    {"template_id", FIELD_NAME, PLACE(template_name), 0, 63, "a template"},
    {"timeout", FIELD_SECONDS, PLACE(timeout_s), 0, TIME_WISH_MAX,
	"seconds until it ends; 600 where left out"},
    {"envVars", FIELD_VARIABLES, PLACE(env), 0, 0,
	"variables every process starts with"},
};
static FIELD_TABLE(sandbase_environment, struct environment,
    environment_fields);

struct session_wish {
	const char *agent_id;
	struct field_objects environment;
};
#define WISH(field) offsetof(struct session_wish, field)
static const struct field wish_fields[] = {
    {"agent_id", FIELD_STRING, WISH(agent_id), 1, TALK_AGENT_SIZE - 1,
	"who is talked to", "an agent's id"},
    {"environment", FIELD_OBJECT, WISH(environment), .text =
	"where it does what it does", .table = &sandbase_environment},
};
FIELD_TABLE(sandbase_session_wish, struct session_wish, wish_fields);

/* The agent of a sandbox, as its metadata say; *ret is to be freed. NULL: it is
 * no session. */
static const char *
agent_of(const struct rpc_sandbox_info *info, json_t **ret)
{
	*ret = info->metadata[0] == '\0' ? NULL : json_load_whole(
	    info->metadata, strlen(info->metadata), 0, NULL);
	return json_string_value(json_object_get(*ret, TALK_AGENT_KEY));
}

static json_t *
to_json(const struct rpc_sandbox_info *info, const char *agent)
{
	char id[SANDBOX_ID_SIZE];

	sandbox_id_spell(info->id, id);
	return json_pack("{s:s, s:s, s:s, s:s, s:{s:s}, s:o, s:o}", "id", id,
	    "agent_id", agent, "sandbox_id", id, "status",
	    state_word(STATE_WORDS_SANDBASE, info->state), "environment",
	    "template_id", info->template_name, "created_at",
	    field_time(info->created_ms), "expires_at",
	    field_time(info->expires_ms));
}

static void
tell(struct exchange *exchange, unsigned status,
    const struct sandboxes_view *sandbox, const struct err *err)
{
	struct failure failure;
	const char *agent;
	json_t *metadata;

	if (err != NULL) {
		exchange_fail_err(exchange, err);
		return;
	}
	agent = agent_of(&sandbox->info, &metadata);
	if (agent != NULL) {
		exchange_reply(exchange, status,
		    to_json(&sandbox->info, agent));
	} else {
		failure_set(&failure, 404, "not_found", NULL,
		    "session not found: that sandbox has no agent");
		exchange_fail(exchange, &failure);
	}
	json_decref(metadata);
}

static void
on_created(void *arg, const struct sandboxes_view *sandbox,
    const struct err *err)
{
	tell(arg, 201, sandbox, err);
}

/* Appends NAME=value and its terminator; false: no room. */
static bool
add_variable(struct rpc_strv *env, char *room, const char *name,
    const char *value)
{
	const size_t left = FIELD_VARIABLES_SIZE - env->size;
	int n = snprintf(room + env->size, left, "%s=%s", name, value);

	if (n < 0 || (size_t)n >= left)
		return false;
	env->size += (uint32_t)n + 1;
	env->count++;
	return true;
}

/* What its runner reads of the agent, beside what was asked for. */
static bool
make_env(const struct environment *environment,
    const struct rpc_agent_info *agent, char *room, struct rpc_strv *ret)
{
	*ret = (struct rpc_strv){room, environment->env.size,
	    environment->env.count};
	if (environment->env.size > 0)
		memcpy(room, environment->env.data, environment->env.size);
	return add_variable(ret, room, "AGENT_NAME", agent->name) &&
	    add_variable(ret, room, "AGENT_MODEL", agent->model) &&
	    add_variable(ret, room, "AGENT_SYSTEM", agent->system) &&
	    add_variable(ret, room, "AGENT_TOOLS", agent->tools);
}

static void
create(struct exchange *exchange, const struct rpc_agent_info *agent,
    char *room)
{
	static const struct environment none = {.template_name = ""};
	const struct session_wish *wish = exchange_input(exchange);
	const struct environment *place = wish->environment.count > 0 ?
	    wish->environment.items : &none;
	struct time_wish time = {.ttl_s = place->timeout_s != 0 ?
	    place->timeout_s : TIMEOUT_S, .on_expiry = "destroy"};
	char alias[ALIAS_SIZE], metadata[64];
	uint8_t buffer[TIME_WISH_BYTES];
	struct rpc_sandbox_create_req make = {.name = "", .size = "",
	    .metadata = metadata, .template_name = alias_find(
	    exchange_conf(exchange)->aliases_sandbase, place->template_name,
	    alias)};
	struct failure failure;
	struct err err;

	snprintf(metadata, sizeof metadata, "{\"" TALK_AGENT_KEY "\":\"%s\"}",
	    wish->agent_id);
	if (!make_env(place, agent, room, &make.env)) {
		failure_of_field(&failure, "environment.envVars", "more than "
		    "%d bytes with what the agent is told",
		    FIELD_VARIABLES_SIZE);
		exchange_fail(exchange, &failure);
	} else if (time_wish_encode(&time, buffer, &make.lifetime, &err) < 0) {
		exchange_fail_err(exchange, &err);
	} else {
		sandboxes_create(exchange_who(exchange), &make, on_created,
		    exchange);
	}
}

static void
on_agent(void *arg, const struct rpc_agent_info *agent, const struct err *err)
{
	const struct err out_of_memory = {ENOMEM, "out of memory"};
	char *room = err != NULL ? NULL : malloc(FIELD_VARIABLES_SIZE);

	if (room == NULL)
		exchange_fail_err(arg, err != NULL ? err : &out_of_memory);
	else
		create(arg, agent, room);
	free(room);
}

void
sandbase_create_session(struct exchange *exchange)
{
	const struct session_wish *wish = exchange_input(exchange);
	uint64_t id = talk_read_agent(wish->agent_id);
	struct failure failure;

	if (id == 0) {
		failure_of_field(&failure, "agent_id", "must be an agent's "
		    "id, such as " TALK_AGENT_PREFIX "7");
		exchange_fail(exchange, &failure);
		return;
	}
	agents_get(exchange_who(exchange), id, on_agent, exchange);
}

static void
on_got(void *arg, const struct sandboxes_view *sandbox, const struct err *err)
{
	tell(arg, 200, sandbox, err);
}

void
sandbase_get_session(struct exchange *exchange)
{
	sandboxes_get(exchange_who(exchange), exchange_param(exchange, "id"),
	    on_got, exchange);
}

static int
add(void *arg, const struct sandboxes_view *sandbox)
{
	struct listing *listing = arg;
	const char *wanted = exchange_query(listing->exchange, "agent_id");
	json_t *metadata;
	const char *agent = agent_of(&sandbox->info, &metadata);
	int r = 0;

	if (agent != NULL && (*wanted == '\0' || strcmp(agent, wanted) == 0))
		r = listing_add(listing, to_json(&sandbox->info, agent));
	json_decref(metadata);
	return r;
}

static void
on_listed(void *arg, const struct err *err)
{
	struct listing *listing = arg;
	json_t *list = listing_end(listing, err);

	if (list != NULL)
		exchange_reply(listing->exchange, 200, list);
}

void
sandbase_list_sessions(struct exchange *exchange)
{
	struct listing *listing = listing_begin(exchange);

	if (listing != NULL)
		sandboxes_list(exchange_who(exchange), false, "", add,
		    on_listed, listing);
}
