// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/api/users.h"

#include <errno.h>
#include <string.h>

#include "common/clock.h"
#include "gateway/broker/ending.h"
#include "gateway/broker/outbox/outbox.h"
#include "keys/user.h"

static struct rpc_user_info
info_of(const struct user *user)
{
	return (struct rpc_user_info){.name = user->name, .org = user->org,
	    .role = role_name(user->role), .keys = user->n_keys,
	    .tokens = user->n_tokens,
	    .created_ms = (uint64_t)user->created_ms};
}

static int
put_user(void *arg, const struct user *user)
{
	const struct rpc_user_info info = info_of(user);

	return rpc_list_add(arg, &rpc_layout_user_info, &info);
}

/* Answers with a user as he is now. */
static int
reply(struct api_context *context, int64_t user_id)
{
	struct rpc_user_info info;
	struct user user;
	int r = user_get(context->broker->store, user_id, &user,
	    &context->err);

	if (r < 0)
		return r;
	info = info_of(&user);
	return api_reply(context, &info);
}

static int
find(struct api_context *context, const char *name, struct user *ret)
{
	struct store *store = context->broker->store;
	int64_t user_id;
	int r = user_find(store, context->who.org, name, &user_id,
	    &context->err);

	return r < 0 ? r : user_get(store, user_id, ret, &context->err);
}

/* The operator at the socket acts as it, so it has to stay what it is. */
static int
check_not_default(struct api_context *context, const struct user *user)
{
	if (strcmp(user->org, STORE_DEFAULT_ORG) == 0 &&
	    strcmp(user->name, STORE_DEFAULT_USER) == 0)
		return err_set(&context->err, EBUSY, "name: %s@%s is whom the "
		    "operator acts for; it stays, an admin", user->name,
		    user->org);
	return 0;
}

int
api_user_add(struct api_context *context, const void *data)
{
	const struct rpc_user_req *request = data;
	enum role role = ROLE_MEMBER;
	int64_t user_id;
	int r = api_permit(context, request->identity, ACTION_ADMINISTER);

	if (r == 0 && *request->role != '\0')
		r = role_parse(request->role, &role, &context->err);
	if (r == 0)
		r = user_add(context->broker->store, context->who.org_id,
		    request->name, role, clock_unix_ms(), &user_id,
		    &context->err);
	if (r < 0)
		return r;
	api_audit_two(context, "user_add", "name", request->name, "role",
	    role_name(role));
	return reply(context, user_id);
}

int
api_user_set(struct api_context *context, const void *data)
{
	const struct rpc_user_req *request = data;
	struct user user;
	enum role role;
	int r = api_permit(context, request->identity, ACTION_ADMINISTER);

	if (r == 0)
		r = role_parse(request->role, &role, &context->err);
	if (r == 0)
		r = find(context, request->name, &user);
	if (r == 0 && role != user.role)
		r = check_not_default(context, &user);
	if (r == 0 && role != user.role)
		r = user_set_role(context->broker->store, user.id, role,
		    &context->err);
	if (r < 0)
		return r;
	api_audit_two(context, "user_set", "name", user.name, "role",
	    role_name(role));
	if (role != user.role)
		broker_end(context->broker, &(struct broker_ending){
		    .user_id = user.id, .words = "Your role was changed"});
	return reply(context, user.id);
}

int
api_user_find(struct api_context *context, const void *data)
{
	const struct rpc_user_req *request = data;
	struct user user;
	int r = api_permit(context, request->identity, ACTION_SEE);

	if (r == 0)
		r = find(context, request->name, &user);
	return r < 0 ? r : reply(context, user.id);
}

static int
list_users(struct api_context *context, struct rpc_list *records)
{
	return user_list(context->broker->store, context->who.org, put_user,
	    records, &context->err);
}

int
api_user_list(struct api_context *context, const void *data)
{
	const struct rpc_user_list_req *request = data;
	auto_api_list struct rpc_list list = {0};
	int r = api_list(context, request->identity, ACTION_SEE, list_users,
	    &list);

	return r < 0 ? r : api_reply(context, &(struct rpc_user_list_rep){
	    list.count, rpc_list_bytes(&list)});
}

int
api_user_remove(struct api_context *context, const void *data)
{
	const struct rpc_user_req *request = data;
	struct user user;
	int r = api_permit(context, request->identity, ACTION_ADMINISTER);

	if (r == 0)
		r = find(context, request->name, &user);
	if (r == 0)
		r = check_not_default(context, &user);
	if (r == 0)
		r = user_remove(context->broker->store, user.id,
		    &context->err);
	if (r < 0)
		return r;
	outbox_review(context->broker->outbox);
	api_audit(context, "user_remove", "name", user.name);
	broker_end(context->broker, &(struct broker_ending){
	    .user_id = user.id, .words = "The user was removed"});
	return api_reply(context, &(struct rpc_user_remove_rep){});
}
