// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/service/agents.h"

#include <errno.h>
#include <stdlib.h>

#include "gateway/http/back/identity.h"

struct asking {
	agents_done *done;
	void *arg;
};

static void
on_agent(void *arg, const void *data, struct rpc_message *message,
    const struct err *failure)
{
	auto_free struct asking *asking = arg;
	const struct rpc_agent_rep *reply = data;
	const struct err malformed = {EBADMSG, "malformed agent"};
	struct rpc_agent_info agent;

	(void)message;
	if (failure != NULL)
		asking->done(asking->arg, NULL, failure);
	else if (rpc_decode(&rpc_layout_agent_info, reply->agent.data,
	    reply->agent.size, &agent, NULL) < 0)
		asking->done(asking->arg, NULL, &malformed);
	else
		asking->done(asking->arg, &agent, NULL);
}

static void
ask(struct identity *who, const struct rpc_call *call, const void *request,
    agents_done *done, void *arg)
{
	const struct err out_of_memory = {ENOMEM, "out of memory"};
	struct asking *asking = malloc(sizeof *asking);

	if (asking == NULL) {
		done(arg, NULL, &out_of_memory);
		return;
	}
	*asking = (struct asking){done, arg};
	identity_ask_broker(who, call, request, on_agent, asking);
}

void
agents_add(struct identity *who, struct rpc_agent_add_req *wish,
    agents_done *done, void *arg)
{
	wish->identity = identity_number(who);
	ask(who, &rpc_call_agent_add, wish, done, arg);
}

void
agents_get(struct identity *who, uint64_t id, agents_done *done, void *arg)
{
	ask(who, &rpc_call_agent_get, &(struct rpc_agent_remove_req){
	    identity_number(who), id}, done, arg);
}
