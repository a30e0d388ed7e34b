// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/api/orgs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "gateway/broker/api/depot.h"
#include "gateway/broker/api/ending.h"
#include "gateway/broker/api/org_removal.h"
#include "gateway/broker/ending.h"
#include "gateway/broker/outbox/outbox.h"
#include "keys/org.h"

#define REACH_OWN    "own"
#define REACH_SHARED "shared"

static struct rpc_org_info
info_of(const struct broker *broker, const struct org *org)
{
	return (struct rpc_org_info){.name = org->name,
	    .is_recorded = org->is_recorded,
	    .member_reach = org->is_own_only ? REACH_OWN : REACH_SHARED,
	    .users = org->n_users,
	    .sandboxes = sandbox_index_count(broker->sandboxes, org->name),
#define ORG_LIMIT(NAME, name, field, ...)                                      \
	    .max_##field = org_limit(org, ORG_##NAME),                         \
	    .ceiling_##field = org->ceilings[ORG_##NAME],
#include "common/org_limit.def"
	    .created_ms = (uint64_t)org->created_ms};
}

static int
reply(struct api_context *context, const char *name)
{
	struct rpc_org_info info;
	struct org org;
	int r = org_get(context->broker->store, name, &org, &context->err);

	if (r < 0)
		return r;
	info = info_of(context->broker, &org);
	return api_reply(context, &info);
}

/* The one that is meant: the identity's, or, for the operator, any. Whether
 * there is another is not told to anybody else. */
static int
choose(struct api_context *context, const char *name, const char **ret)
{
	*ret = context->who.org;
	if (*name == '\0' || strcmp(name, context->who.org) == 0)
		return 0;
	*ret = name;
	return role_check(&context->who.standing, ACTION_OPERATE,
	    &context->err);
}

int
api_org_get(struct api_context *context, const void *data)
{
	const struct rpc_org_name_req *request = data;
	const char *name = NULL;
	int r = api_permit(context, request->identity, ACTION_SEE);

	if (r == 0)
		r = choose(context, request->name, &name);
	return r < 0 ? r : reply(context, name);
}

int
api_org_add(struct api_context *context, const void *data)
{
	const struct rpc_org_name_req *request = data;
	int64_t org_id;
	int r = api_permit(context, request->identity, ACTION_OPERATE);

	if (r == 0)
		r = org_add(context->broker->store, request->name,
		    clock_unix_ms(), &org_id, &context->err);
	if (r < 0)
		return r;
	api_audit(context, "org_add", "name", request->name);
	return reply(context, request->name);
}

static int
read_reach(const char *text, bool *ret, struct err *err)
{
	*ret = strcmp(text, REACH_OWN) == 0;
	if (!*ret && strcmp(text, REACH_SHARED) != 0)
		return err_set(err, EINVAL, "member_reach: " REACH_OWN " or "
		    REACH_SHARED ", not \"%.16s\"", text);
	return 0;
}

/* Who may less from now on begins anew. */
static int
set_reach(struct api_context *context, const char *name, const char *text)
{
	struct store *store = context->broker->store;
	struct org before;
	bool is_own_only;
	int r = read_reach(text, &is_own_only, &context->err);

	if (r == 0)
		r = org_get(store, name, &before, &context->err);
	if (r == 0)
		r = org_set_own_only(store, name, is_own_only, &context->err);
	if (r < 0)
		return r;
	api_audit_two(context, "org_set", "name", name, "member_reach", text);
	if (is_own_only && !before.is_own_only)
		broker_end(context->broker, &(struct broker_ending){
		    .org = before.name,
		    .words = "What members reach was changed"});
	return 0;
}

/* The operator's is a ceiling, an admin's a quota below it. */
static int
set_limit(struct api_context *context, const char *name, enum org_limit limit,
    uint64_t value)
{
	const bool is_ceiling = role_permits(&context->who.standing,
	    ACTION_OPERATE, RELATION_OWN);
	struct store *store = context->broker->store;
	char text[24], field[48];
	int r;

	if (value == BROKER_LIMIT_UNSAID)
		return 0;
	snprintf(field, sizeof field, "max_%s", org_limit_name(limit));
	r = is_ceiling ? org_set_ceiling(store, name, limit, value,
	    &context->err) : org_set_quota(store, name, limit, value,
	    &context->err);
	if (r < 0)
		return err_wrap(&context->err, "%s", field);
	snprintf(text, sizeof text, "%llu", (unsigned long long)value);
	api_audit_two(context, "org_set", "name", name, field, text);
	return 0;
}

/* What is made from now on is by capabilities that know of it. */
static int
set_limits(struct api_context *context, const char *name,
    const struct rpc_org_set_req *request)
{
	const uint64_t values[N_ORG_LIMIT] = {
#define ORG_LIMIT(NAME, name, field, ...) [ORG_##NAME] = request->max_##field,
#include "common/org_limit.def"
	};
	int r = 0;

	for (unsigned i = 0; r == 0 && i < N_ORG_LIMIT; i++)
		r = set_limit(context, name, (enum org_limit)i, values[i]);
	api_end_org(context->broker, name);
	return r;
}

int
api_org_set(struct api_context *context, const void *data)
{
	const struct rpc_org_set_req *request = data;
	const bool is_recorded = request->recording == BROKER_SWITCH_ON;
	const char *name;
	int r = api_permit(context, request->identity, ACTION_ADMINISTER);

	if (r == 0)
		r = choose(context, request->name, &name);
	if (r == 0 && request->recording != BROKER_SWITCH_UNSAID) {
		r = org_set_recorded(context->broker->store, name, is_recorded,
		    &context->err);
		if (r == 0)
			api_audit_two(context, "org_set", "name", name,
			    "recording", is_recorded ? "on" : "off");
	}
	if (r == 0 && *request->member_reach != '\0')
		r = set_reach(context, name, request->member_reach);
	if (r == 0)
		r = set_limits(context, name, request);
	return r < 0 ? r : reply(context, name);
}

/* What each(arg, org) of a list adds to. */
struct listing {
	const struct broker *broker;
	struct rpc_list *records;
};

static int
put_org(void *arg, const struct org *org)
{
	const struct listing *listing = arg;
	const struct rpc_org_info info = info_of(listing->broker, org);

	return rpc_list_add(listing->records, &rpc_layout_org_info, &info);
}

static int
list_orgs(struct api_context *context, struct rpc_list *records)
{
	struct listing listing = {context->broker, records};

	return org_list(context->broker->store, put_org, &listing,
	    &context->err);
}

int
api_org_list(struct api_context *context, const void *data)
{
	const struct rpc_org_list_req *request = data;
	auto_api_list struct rpc_list list = {0};
	int r = api_list(context, request->identity, ACTION_OPERATE,
	    list_orgs, &list);

	return r < 0 ? r : api_reply(context, &(struct rpc_org_list_rep){
	    list.count, rpc_list_bytes(&list)});
}

/* Refused while it has sandboxes, unless they are to go with it. */
static int
check_removal(struct api_context *context,
    const struct rpc_org_remove_req *request)
{
	const struct broker *broker = context->broker;
	uint32_t n = sandbox_index_count(broker->sandboxes, request->name);

	if (strcmp(request->name, STORE_DEFAULT_ORG) == 0)
		return err_set(&context->err, EBUSY, "name: %s is the "
		    "organisation of this host's operator; it stays",
		    request->name);
	if (!sandbox_index_is_current(broker->sandboxes))
		return err_set(&context->err, EAGAIN, "sandboxd is not "
		    "running, so nobody knows what sandboxes it has; try "
		    "again");
	if (n > 0 && !request->must)
		return err_set(&context->err, ENOTEMPTY, "name: %s still has "
		    "%u sandbox%s; destroy them, or force it (--force)",
		    request->name, n, n == 1 ? "" : "es");
	return 0;
}

int
api_org_remove(struct api_context *context, const void *data)
{
	const struct rpc_org_remove_req *request = data;
	int r = api_permit(context, request->identity, ACTION_OPERATE);

	if (r == 0)
		r = check_removal(context, request);
	if (r == 0)
		r = org_remove(context->broker->store, request->name,
		    &context->err);
	if (r < 0)
		return r;
	outbox_review(context->broker->outbox);
	broker_depot_forget(context->broker, request->name);
	api_audit(context, "org_remove", "name", request->name);
	broker_end(context->broker, &(struct broker_ending){
	    .org = request->name, .words = "The organisation was removed"});
	return org_removal_begin(context, request->name);
}
