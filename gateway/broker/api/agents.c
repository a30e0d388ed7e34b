// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/api/agents.h"

#include <stdio.h>

#include "common/clock.h"
#include "keys/agent.h"
#include "keys/role.h"

#define INFO_SIZE 32768

static int
put(void *arg, const struct agent *agent)
{
	const struct rpc_agent_info info = {.id = (uint64_t)agent->id,
	    .user = agent->user, .name = agent->name, .model = agent->model,
	    .system = agent->system, .tools = agent->tools,
	    .created_ms = (uint64_t)agent->created_ms};

	return rpc_list_add(arg, &rpc_layout_agent_info, &info);
}

static int
reply(struct api_context *context, const struct agent *agent)
{
	uint8_t buffer[INFO_SIZE];
	struct rpc_list list = {.data = buffer, .size = sizeof buffer};
	int r = put(&list, agent);

	return r < 0 ? r : api_reply(context, &(struct rpc_agent_rep){
	    rpc_list_bytes(&list)});
}

int
api_agent_add(struct api_context *context, const void *data)
{
	const struct rpc_agent_add_req *request = data;
	struct agent agent = {.created_ms = (int64_t)clock_unix_ms()};
	int r = api_permit_own(context, request->identity, ACTION_CREATE);

	if (r < 0)
		return r;
	agent.user_id = context->who.user_id;
	snprintf(agent.user, sizeof agent.user, "%s", context->who.user);
	snprintf(agent.name, sizeof agent.name, "%s", request->name);
	snprintf(agent.model, sizeof agent.model, "%s", request->model);
	snprintf(agent.system, sizeof agent.system, "%s", request->system);
	snprintf(agent.tools, sizeof agent.tools, "%s", request->tools);
	r = agent_add(context->broker->store, &agent, &context->err);
	if (r < 0)
		return r;
	api_audit(context, "agent_add", "name", agent.name);
	return reply(context, &agent);
}

static int
list_agents(struct api_context *context, struct rpc_list *records)
{
	return agent_list(context->broker->store, context->who.org, put,
	    records, &context->err);
}

int
api_agent_list(struct api_context *context, const void *data)
{
	const struct rpc_agent_list_req *request = data;
	auto_api_list struct rpc_list list = {0};
	int r = api_list(context, request->identity, ACTION_SEE, list_agents,
	    &list);

	return r < 0 ? r : api_reply(context, &(struct rpc_agent_list_rep){
	    list.count, rpc_list_bytes(&list)});
}

/* One of the organisation. */
static int
find(struct api_context *context, uint64_t id, struct agent *ret)
{
	return agent_get(context->broker->store, context->who.org, (int64_t)id,
	    ret, &context->err);
}

int
api_agent_get(struct api_context *context, const void *data)
{
	const struct rpc_agent_remove_req *request = data;
	struct agent agent;
	int r = api_permit_own(context, request->identity, ACTION_SEE);

	if (r == 0)
		r = find(context, request->id, &agent);
	return r < 0 ? r : reply(context, &agent);
}

int
api_agent_remove(struct api_context *context, const void *data)
{
	const struct rpc_agent_remove_req *request = data;
	struct agent agent;
	int r = api_permit_own(context, request->identity, ACTION_CREATE);

	if (r == 0)
		r = find(context, request->id, &agent);
	if (r == 0 && agent.user_id != context->who.user_id)
		r = api_permit(context, request->identity, ACTION_ADMINISTER);
	if (r == 0)
		r = agent_remove(context->broker->store, agent.id,
		    &context->err);
	return r < 0 ? r : api_removed(context, "agent_remove", "agent_id",
	    request->id);
}
