// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/native/ssh_keys.h"

#include "gateway/http/engine/input.h"
#include "gateway/protocol/broker_calls.h"

static json_t *
key_to_json(const void *arg)
{
	const struct rpc_ssh_key_info *info = arg;

	return json_pack("{s:I, s:s, s:s, s:s, s:o, s:o}",
	    "id", (json_int_t)info->id, "name", info->name,
	    "algorithm", info->algorithm, "fingerprint", info->fingerprint,
	    "created_at", json_timestamp(info->created_ms),
	    "last_used_at", json_timestamp(info->last_used_ms));
}

const struct collection ssh_keys = {.member = "ssh_keys",
    .list = &rpc_call_ssh_key_list, .remove = &rpc_call_ssh_key_remove,
    .record = &rpc_layout_ssh_key_info, .to_json = key_to_json};

int
ssh_keys_add(struct request *request, struct reply *reply, struct err *err)
{
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_ssh_key_add_req add = {.identity = request->identity};
	struct rpc_ssh_key_add_rep added;
	json_t *body;
	int r = input_public_key(request->body, &add.line, &add.name, err);

	if (r == 0)
		r = request_ask_broker(request, &rpc_call_ssh_key_add, &add,
		    &added, &message, err);
	if (r == 0)
		r = collection_decode(&ssh_keys, added.key, &body, err);
	return r < 0 ? r : reply_set(reply, 201, body, err);
}
