// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/api/ssh_keys.h"

#include <errno.h>

#include "common/clock.h"
#include "gateway/broker/api/tokens.h"
#include "gateway/broker/ending.h"
#include "keys/role.h"
#include "keys/user_key.h"

static int
put_key(void *arg, const struct user_key *key)
{
	const struct rpc_ssh_key_info info = {.id = (uint64_t)key->id,
	    .name = key->name, .algorithm = key->algorithm,
	    .fingerprint = key->fingerprint,
	    .created_ms = (uint64_t)key->created_ms,
	    .last_used_ms = (uint64_t)key->last_used_ms};

	return rpc_list_add(arg, &rpc_layout_ssh_key_info, &info);
}

int
api_ssh_key_add(struct api_context *context, const void *data)
{
	const struct rpc_ssh_key_add_req *request = data;
	struct api_record record;
	struct user_key key;
	int r = api_permit_own(context, request->identity,
	    ACTION_CREDENTIALS);

	api_record_init(&record);
	/* A key may all that its user may: no narrower token makes one. */
	if (r == 0 && !role_scopes_contain(context->who.standing.scopes, 0))
		r = err_set(&context->err, EACCES, "permission denied: a "
		    "token with a scope adds no keys");
	if (r == 0)
		r = user_key_add(context->broker->store, context->who.user_id,
		    request->name, request->line, clock_unix_ms(), &key,
		    &context->err);
	if (r == 0)
		r = put_key(&record.list, &key);
	if (r < 0)
		return r;
	api_audit(context, "ssh_key_add", "key", key.fingerprint);
	return api_reply(context, &(struct rpc_ssh_key_add_rep){
	    rpc_list_bytes(&record.list)});
}

static int
list_keys(struct api_context *context, struct rpc_list *records)
{
	return user_key_list(context->broker->store, context->who.user_id,
	    put_key, records, &context->err);
}

int
api_ssh_key_list(struct api_context *context, const void *data)
{
	const struct rpc_ssh_key_list_req *request = data;
	auto_api_list struct rpc_list list = {0};
	int r = api_list(context, request->identity, ACTION_CREDENTIALS,
	    list_keys, &list);

	return r < 0 ? r : api_reply(context, &(struct rpc_ssh_key_list_rep){
	    list.count, rpc_list_bytes(&list)});
}

int
api_ssh_key_remove(struct api_context *context, const void *data)
{
	const struct rpc_ssh_key_remove_req *request = data;
	int r = api_permit(context, request->identity, ACTION_CREDENTIALS);

	if (r == 0)
		r = user_key_remove(context->broker->store,
		    context->who.user_id, (int64_t)request->id,
		    &context->err);
	if (r == 0)
		broker_end(context->broker, &(struct broker_ending){
		    .credential = CREDENTIAL_SSH_KEY,
		    .credential_id = (int64_t)request->id,
		    .words = "The key was removed"});
	return r < 0 ? r : api_removed(context, "ssh_key_remove", "key_id",
	    request->id);
}
