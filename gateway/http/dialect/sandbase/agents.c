// SPDX-License-Identifier: Apache-2.0
/* Agents: what a model is told to be. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/json_load.h"
#include "common/parse.h"
#include "gateway/http/dialect/sandbase/sandbase.h"
#include "gateway/http/dialect/sandbase/talk.h"
#include "gateway/http/service/agents.h"

#define NAME_MAX_BYTES	 128
#define SYSTEM_MAX_BYTES 16384
#define TOOLS_MAX_BYTES	 8192

struct model_wish {
	const char *name;
};
static const struct field model_fields[] = {
    {"name", FIELD_STRING, offsetof(struct model_wish, name), 0,
	NAME_MAX_BYTES, "of the model, as its runner knows it"},
};
static FIELD_TABLE(sandbase_model, struct model_wish, model_fields);

struct agent_wish {
	const char *name, *system;
	char *tools;
	struct field_objects model;
};
#define WISH(field) offsetof(struct agent_wish, field)
static const struct field wish_fields[] = {
    {"name", FIELD_STRING, WISH(name), 1, NAME_MAX_BYTES,
	"what it is called", "a name"},
    {"model", FIELD_OBJECT, WISH(model), .text = "which model it is",
	.table = &sandbase_model},
    {"system", FIELD_TEXT, WISH(system), 0, SYSTEM_MAX_BYTES,
	"what it is told before all else"},
    {"tools", FIELD_JSON, WISH(tools), 0, TOOLS_MAX_BYTES,
	"what it may use, for its runner to read"},
};
FIELD_TABLE(sandbase_agent_wish, struct agent_wish, wish_fields);

uint64_t
talk_read_agent(const char *text)
{
	const size_t n = strlen(TALK_AGENT_PREFIX);
	uint64_t id;

	return strncmp(text, TALK_AGENT_PREFIX, n) == 0 &&
	    parse_u64(text + n, &id) == 0 && id <= INT64_MAX ? id : 0;
}

static json_t *
to_json(const struct rpc_agent_info *agent, bool is_whole)
{
	char id[TALK_AGENT_SIZE];
	json_t *object;

	snprintf(id, sizeof id, TALK_AGENT_PREFIX "%llu",
	    (unsigned long long)agent->id);
	object = json_pack("{s:s, s:s, s:{s:s}, s:s, s:o}", "id", id, "name",
	    agent->name, "model", "name", agent->model, "created_by",
	    agent->user, "created_at", field_time(agent->created_ms));
	if (object == NULL || !is_whole)
		return object;
	(void)json_object_set_new(object, "system",
	    json_string(agent->system));
	(void)json_object_set_new(object, "tools", agent->tools[0] == '\0' ?
	    json_array() : json_load_whole(agent->tools,
	    strlen(agent->tools), JSON_DECODE_ANY, NULL));
	return object;
}

static void
on_added(void *arg, const struct rpc_agent_info *agent, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		exchange_reply(arg, 201, to_json(agent, true));
}

void
sandbase_add_agent(struct exchange *exchange)
{
	const struct agent_wish *wish = exchange_input(exchange);
	const struct model_wish *model = wish->model.items;
	struct rpc_agent_add_req add = {.name = wish->name,
	    .model = model != NULL && model->name != NULL ? model->name : "",
	    .system = wish->system != NULL ? wish->system : "",
	    .tools = wish->tools != NULL ? wish->tools : ""};
	struct failure failure;

	if (add.tools[0] != '\0' && add.tools[0] != '[') {
		failure_of_field(&failure, "tools", "must be an array");
		exchange_fail(exchange, &failure);
		return;
	}
	agents_add(exchange_who(exchange), &add, on_added, exchange);
}

/* The {id} of the path; 0 where it is none, which has been said. */
static uint64_t
read_id(struct exchange *exchange)
{
	const char *text = exchange_param(exchange, "id");
	uint64_t id = talk_read_agent(text);
	struct err err;

	if (id == 0) {
		err_set(&err, ENOENT, "no agent %s", text);
		exchange_fail_err(exchange, &err);
	}
	return id;
}

static void
on_got(void *arg, const struct rpc_agent_info *agent, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		exchange_reply(arg, 200, to_json(agent, true));
}

void
sandbase_get_agent(struct exchange *exchange)
{
	uint64_t id = read_id(exchange);

	if (id != 0)
		agents_get(exchange_who(exchange), id, on_got, exchange);
}

void
sandbase_remove_agent(struct exchange *exchange)
{
	uint64_t id = read_id(exchange);

	if (id != 0)
		records_remove(exchange_who(exchange), &records_agents, id,
		    exchange_done, exchange);
}

static void
on_listed(void *arg, struct records *records, const struct err *failure)
{
	const struct err malformed = {EBADMSG, "malformed list"};
	struct rpc_agent_info agent;
	json_t *list = json_array();
	int r = 0;

	while (failure == NULL && (r = records_next(records, &agent)) > 0)
		(void)json_array_append_new(list, to_json(&agent, false));
	if (failure == NULL && r == 0) {
		exchange_reply(arg, 200, list);
		return;
	}
	json_decref(list);
	exchange_fail_err(arg, failure != NULL ? failure : &malformed);
}

void
sandbase_list_agents(struct exchange *exchange)
{
	records_list(exchange_who(exchange), &records_agents, on_listed,
	    exchange);
}
