// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/api/tokens.h"

#include <sodium.h>

#include "common/clock.h"
#include "common/scope.h"
#include "gateway/broker/api/ending.h"
#include "gateway/broker/connection.h"
#include "keys/token.h"

static int
put_token(void *arg, const struct token *token)
{
	const struct rpc_token_info info = {.id = (uint64_t)token->id,
	    .name = token->name, .created_ms = (uint64_t)token->created_ms,
	    .expires_ms = (uint64_t)token->expires_ms,
	    .last_used_ms = (uint64_t)token->last_used_ms,
	    .is_revoked = token->revoked_ms != 0,
	    .sandbox_id = token->sandbox_id,
	    .scope = scope_name(token->rights)};

	return rpc_list_add(arg, &rpc_layout_token_info, &info);
}

int
api_token_create(struct api_context *context, const void *data)
{
	const struct rpc_token_create_req *request = data;
	const struct token_terms terms = {.name = request->name,
	    .ttl_ms = request->ttl_ms};
	struct api_record record;
	char text[TOKEN_SIZE] = "";
	struct token token;
	int r = api_identify(context, request->identity);

	api_record_init(&record);
	if (r == 0)
		r = token_create(context->broker->store, context->who.user_id,
		    &terms, clock_unix_ms(), text, &token, &context->err);
	if (r == 0)
		r = put_token(&record.list, &token);
	if (r < 0)
		return r;
	api_audit(context, "token_create", "token", token.name);
	r = api_reply(context, &(struct rpc_token_create_rep){text,
	    rpc_list_bytes(&record.list)});
	sodium_memzero(text, sizeof text);
	return r;
}

static int
list_tokens(struct api_context *context, struct rpc_list *records)
{
	return token_list(context->broker->store, context->who.user_id,
	    put_token, records, &context->err);
}

int
api_token_list(struct api_context *context, const void *data)
{
	const struct rpc_token_list_req *request = data;
	auto_api_list struct rpc_list list = {0};
	int r = api_list(context, request->identity, list_tokens, &list);

	return r < 0 ? r : api_reply(context, &(struct rpc_token_list_rep){
	    list.count, rpc_list_bytes(&list)});
}

int
api_token_revoke(struct api_context *context, const void *data)
{
	const struct rpc_token_revoke_req *request = data;
	int r = api_identify(context, request->identity);

	if (r == 0)
		r = token_revoke(context->broker->store, context->who.user_id,
		    (int64_t)request->id, clock_unix_ms(), &context->err);
	if (r < 0)
		return r;
	api_end_token(context->broker, (int64_t)request->id);
	connection_end_token(context->broker, (int64_t)request->id,
	    "The token was revoked");
	return api_removed(context, "token_revoke", "token_id", request->id);
}
