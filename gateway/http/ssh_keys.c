// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/ssh_keys.h"

#include <errno.h>

#include "gateway/broker_calls.h"
#include "gateway/http/input.h"

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

int
ssh_keys_list(struct request *request, struct reply *reply, struct err *err)
{
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_ssh_key_list_req req = {.identity = request->identity};
	struct rpc_ssh_key_list_rep rep;
	struct rpc_ssh_key_info info;
	json_t *list;
	int r = request_ask_broker(request, &rpc_call_ssh_key_list, &req, &rep,
	    &message, err);

	if (r == 0)
		r = json_records(&rpc_layout_ssh_key_info, rep.keys, rep.count,
		    &info, key_to_json, &list, err);
	if (r < 0)
		return r;
	return reply_set(reply, 200, json_pack("{s:o}", "ssh_keys", list),
	    err);
}

int
ssh_keys_add(struct request *request, struct reply *reply, struct err *err)
{
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_ssh_key_add_req add = {.identity = request->identity};
	struct rpc_ssh_key_add_rep added;
	struct rpc_ssh_key_info info;
	int r = input_public_key(request->body, &add.line, &add.name, err);

	if (r < 0)
		return r;
	r = request_ask_broker(request, &rpc_call_ssh_key_add, &add, &added,
	    &message, err);
	if (r < 0)
		return r;
	if (rpc_decode(&rpc_layout_ssh_key_info, added.key.data,
	    added.key.size, &info, NULL) < 0)
		return err_set(err, EBADMSG, "malformed key record");
	return reply_set(reply, 201, key_to_json(&info), err);
}

int
ssh_keys_remove(struct request *request, struct reply *reply, struct err *err)
{
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_ssh_key_remove_req remove = {.identity = request->identity};
	struct rpc_ssh_key_remove_rep removed;
	int r = input_path_id(request->param, &remove.id, err);

	if (r < 0)
		return r;
	r = request_ask_broker(request, &rpc_call_ssh_key_remove, &remove,
	    &removed, &message, err);
	if (r < 0)
		return r;
	return reply_set(reply, 204, NULL, err);
}
