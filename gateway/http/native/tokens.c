// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/native/tokens.h"

#include <errno.h>

#include "gateway/http/engine/input.h"
#include "gateway/protocol/broker_calls.h"

#define TOKEN_NAME_MAX	63
#define TOKEN_TTL_MAX_S (10ull * 366 * 86400)

static json_t *
token_to_json(const void *arg)
{
	const struct rpc_token_info *info = arg;

	return json_pack("{s:I, s:s, s:o, s:o, s:o, s:b, s:o, s:o}",
	    "id", (json_int_t)info->id, "name", info->name,
	    "created_at", json_timestamp(info->created_ms),
	    "expires_at", json_timestamp(info->expires_ms),
	    "last_used_at", json_timestamp(info->last_used_ms),
	    "revoked", info->is_revoked != 0,
	    "sandbox", json_string_or_null(info->sandbox_id),
	    "scope", json_string_or_null(info->scope));
}

const struct collection tokens = {.member = "tokens",
    .list = &rpc_call_token_list, .remove = &rpc_call_token_revoke,
    .record = &rpc_layout_token_info, .to_json = token_to_json};

int
tokens_create(struct request *request, struct reply *reply, struct err *err)
{
	static const char *const names[] = {"name", "ttl_seconds"};
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_token_create_req create = {.identity = request->identity};
	struct rpc_token_create_rep created;
	json_t *body;
	uint64_t ttl_s;
	int r = input_check_names(request->body, names, 2, err);

	if (r < 0 || (r = input_string(request->body, "name", TOKEN_NAME_MAX,
	    &create.name, err)) < 0 ||
	    (r = input_number(request->body, "ttl_seconds", 1,
	    TOKEN_TTL_MAX_S, &ttl_s, err)) < 0)
		return r;
	if (create.name == NULL || *create.name == '\0')
		return err_set(err, EINVAL,
		    "name: must be given, 1 to %d bytes", TOKEN_NAME_MAX);
	create.ttl_ms = ttl_s * 1000;
	r = request_ask_broker(request, &rpc_call_token_create, &create,
	    &created, &message, err);
	if (r == 0)
		r = collection_decode(&tokens, created.info, &body, err);
	if (r < 0)
		return r;
	json_object_set_new(body, "token", json_string(created.token));
	return reply_set(reply, 201, body, err);
}
