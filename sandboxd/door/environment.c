// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/door/environment.h"

#include <errno.h>
#include <string.h>

#include "sandboxd/door/calls.h"

int
answer_sandbox_env(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_sandbox_get_req *request = data;
	const struct sandbox *sandbox = calls_find(peer, request->id, err);
	struct rpc_sandbox_env_rep reply;

	if (sandbox == NULL)
		return -ENOENT;
	reply.env = (struct rpc_strv){(const char *)sandbox->record.env,
	    (uint32_t)sandbox->record.env_size, 0};
	for (uint32_t at = 0; at < reply.env.size;
	    at += (uint32_t)strlen(reply.env.data + at) + 1)
		reply.env.count++;
	peer_reply(peer, &rpc_call_sandbox_env, id, &reply, NULL, 0);
	return 0;
}
