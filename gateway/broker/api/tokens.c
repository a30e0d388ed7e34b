// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/api/tokens.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "common/clock.h"
#include "common/scope.h"
#include "gateway/broker/ending.h"
#include "keys/role.h"
#include "keys/sandbox_token.h"
#include "keys/token.h"

static int
put_token(void *arg, const struct token *token)
{
	char scopes[SCOPE_TEXT];
	const struct rpc_token_info info = {.id = (uint64_t)token->id,
	    .name = token->name, .created_ms = (uint64_t)token->created_ms,
	    .expires_ms = (uint64_t)token->expires_ms,
	    .last_used_ms = (uint64_t)token->last_used_ms,
	    .is_revoked = token->revoked_ms != 0,
	    .sandbox_id = token->sandbox_id,
	    .scope = token->rights != 0 ? scope_name(token->rights) : scopes,
	    .body_max_bytes = token->limits.body_max_bytes,
	    .time_max_s = token->limits.time_max_s,
	    .per_second_max = token->limits.per_second_max};

	role_scopes_text(token->scopes, scopes);
	return rpc_list_add(arg, &rpc_layout_token_info, &info);
}

int
api_check_sandbox(struct api_context *context, const char *id)
{
	const struct broker *broker = context->broker;
	const struct sandbox_owner *owner;

	if (!sandbox_index_is_current(broker->sandboxes))
		return err_set(&context->err, EAGAIN,
		    "sandboxd is not running; try again");
	owner = sandbox_index_find(broker->sandboxes, id);
	if (owner == NULL || strcmp(owner->org, context->who.org) != 0 ||
	    (role_reach(&context->who.standing) != RPC_REACH_ALL &&
	    owner->owner_id != context->who.user_id && (owner->is_private ||
	    role_reach(&context->who.standing) == RPC_REACH_OWN)))
		return err_set(&context->err, ENOENT, "sandbox: %s: no such "
		    "sandbox", id);
	return 0;
}

/* Fills *ret; one for one sandbox is for what is said, and no more. */
static int
read_terms(struct api_context *context,
    const struct rpc_token_create_req *request, struct token_terms *ret)
{
	const struct standing *standing = &context->who.standing;
	struct err *err = &context->err;
	int r = role_parse_scopes(request->scope, &ret->scopes, err);

	if (r < 0)
		return r;
	if (*request->sandbox_id != '\0' && ret->scopes == 0)
		ret->scopes = SCOPE_READ | SCOPE_EXEC | SCOPE_FILES;
	if ((ret->scopes & SCOPE_OPERATOR) != 0 &&
	    !role_permits(standing, ACTION_OPERATE, RELATION_OWN))
		return err_set(err, EACCES, "scope: operator is the "
		    "operator's to give");
	if (!role_scopes_contain(standing->scopes, ret->scopes))
		return err_set(err, EACCES, "scope: more than that of the "
		    "token that asks for it");
	ret->limits = (struct token_limits){request->body_max_bytes,
	    request->time_max_s, request->per_second_max};
	r = token_limits_inherit(&context->who.limits, &ret->limits, err);
	if (r < 0)
		return r;
	ret->name = request->name;
	ret->ttl_ms = request->ttl_ms;
	ret->sandbox_id = request->sandbox_id;
	return *request->sandbox_id == '\0' ? 0 :
	    api_check_sandbox(context, request->sandbox_id);
}

int
api_token_create(struct api_context *context, const void *data)
{
	const struct rpc_token_create_req *request = data;
	struct token_terms terms = {0};
	struct api_record record;
	char text[TOKEN_SIZE] = "";
	struct token token;
	int r = api_permit_own(context, request->identity,
	    ACTION_CREDENTIALS);

	api_record_init(&record);
	if (r == 0)
		r = read_terms(context, request, &terms);
	if (r == 0)
		r = token_create(context->broker->store, context->who.user_id,
		    &terms, clock_unix_ms(), text, &token, &context->err);
	if (r == 0)
		r = put_token(&record.list, &token);
	if (r < 0)
		return r;
	api_audit_two(context, "token_create", "token", token.name, "scope",
	    request->scope);
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
	int r = api_list(context, request->identity, ACTION_CREDENTIALS,
	    list_tokens, &list);

	return r < 0 ? r : api_reply(context, &(struct rpc_token_list_rep){
	    list.count, rpc_list_bytes(&list)});
}

int
api_token_revoke(struct api_context *context, const void *data)
{
	const struct rpc_token_revoke_req *request = data;
	int r = api_permit(context, request->identity, ACTION_CREDENTIALS);

	if (r == 0)
		r = token_revoke(context->broker->store, context->who.user_id,
		    (int64_t)request->id, clock_unix_ms(), &context->err);
	if (r < 0)
		return r;
	broker_end(context->broker, &(struct broker_ending){
	    .credential = CREDENTIAL_TOKEN,
	    .credential_id = (int64_t)request->id,
	    .words = "The token was revoked"});
	return api_removed(context, "token_revoke", "token_id", request->id);
}

/* It can do no more than the token that the identity came in by, to which it
 * is bound: so anybody may have one. */
int
api_sandbox_token(struct api_context *context, const void *data)
{
	const struct rpc_sandbox_token_req *request = data;
	const struct api_identity *who = &context->who;
	char text[SANDBOX_TOKEN_SIZE];
	int r = api_identify(context, request->identity);

	if (r == 0 && (who->token_id == 0 || who->lobby != 0 ||
	    who->actor_id != who->user_id))
		r = err_set(&context->err, EACCES, "this goes with a token of "
		    "one's own");
	if (r == 0 && who->sandbox_id[0] != '\0' &&
	    strcmp(who->sandbox_id, request->sandbox_id) != 0)
		r = err_set(&context->err, ENOENT, "%s: no such sandbox",
		    request->sandbox_id);
	if (r == 0)
		r = api_check_sandbox(context, request->sandbox_id);
	if (r < 0)
		return r;
	sandbox_token_make(context->broker->store, request->sandbox_id,
	    who->token_id, text);
	r = api_reply(context, &(struct rpc_sandbox_token_rep){text});
	sodium_memzero(text, sizeof text);
	return r;
}
