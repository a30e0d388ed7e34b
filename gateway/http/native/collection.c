// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/native/collection.h"

#include <errno.h>

#include "gateway/http/engine/input.h"
#include "gateway/protocol/broker_calls.h"

/* The calls take and answer the same fields, so that one struct is each. */
#define IS_COLLECTION(name, remove)                                            \
	_Static_assert(sizeof(struct rpc_##name##_list_req) ==                 \
	    sizeof(struct rpc_ssh_key_list_req) &&                             \
	    sizeof(struct rpc_##name##_list_rep) ==                            \
	    sizeof(struct rpc_ssh_key_list_rep) &&                             \
	    sizeof(struct rpc_##remove##_req) ==                               \
	    sizeof(struct rpc_ssh_key_remove_req) &&                           \
	    sizeof(struct rpc_##remove##_rep) ==                               \
	    sizeof(struct rpc_ssh_key_remove_rep), "collections are alike")
IS_COLLECTION(token, token_revoke);
IS_COLLECTION(ssh_ca, ssh_ca_remove);
IS_COLLECTION(ssh_revocation, ssh_revocation_remove);

union record {
	struct rpc_ssh_key_info ssh_key;
	struct rpc_token_info token;
	struct rpc_ssh_ca_info ssh_ca;
	struct rpc_ssh_revocation_info ssh_revocation;
};

int
collection_list(struct request *request, struct reply *reply, struct err *err)
{
	const struct collection *collection = request->collection;
	auto_rpc_message struct rpc_message message = {0};
	const struct rpc_ssh_key_list_req req = {
	    .identity = request->identity};
	struct rpc_ssh_key_list_rep rep;
	union record record;
	json_t *list;
	int r = request_ask_broker(request, collection->list, &req, &rep,
	    &message, err);

	if (r == 0)
		r = json_records(collection->record, rep.keys, rep.count,
		    &record, collection->to_json, &list, err);
	return r < 0 ? r : reply_set(reply, 200,
	    json_pack("{s:o}", collection->member, list), err);
}

int
collection_remove(struct request *request, struct reply *reply,
    struct err *err)
{
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_ssh_key_remove_req req = {.identity = request->identity};
	struct rpc_ssh_key_remove_rep rep;
	int r = input_path_id(request->param, &req.id, err);

	if (r == 0)
		r = request_ask_broker(request, request->collection->remove,
		    &req, &rep, &message, err);
	return r < 0 ? r : reply_set(reply, 204, NULL, err);
}

int
collection_decode(const struct collection *collection,
    struct rpc_bytes bytes, json_t **ret, struct err *err)
{
	union record record;

	if (rpc_decode(collection->record, bytes.data, bytes.size, &record,
	    NULL) < 0)
		return err_set(err, EBADMSG, "malformed %s",
		    collection->record->name);
	*ret = collection->to_json(&record);
	return 0;
}
