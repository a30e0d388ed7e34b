// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/api/webhooks.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/event.h"
#include "gateway/broker/api/tokens.h"
#include "gateway/broker/outbox/outbox.h"
#include "gateway/protocol/webhook_url.h"
#include "keys/role.h"

#define INFO_SIZE	2048
#define DELIVERIES_SIZE 16384

static int
put(struct rpc_list *list, const struct outbox_hook *hook)
{
	const struct webhook *webhook = &hook->webhook;
	const struct outbox_delivery *last = hook->n_deliveries == 0 ? NULL :
	    &hook->deliveries[hook->n_deliveries - 1];
	const struct rpc_webhook_info info = {.id = (uint64_t)webhook->id,
	    .user = webhook->user, .sandbox_id = webhook->sandbox_id,
	    .url = webhook->url, .is_signed = webhook->secret[0] != '\0',
	    .kinds = webhook->kinds,
	    .created_ms = (uint64_t)webhook->created_ms,
	    .last_ms = last != NULL ? last->at_ms : 0,
	    .last_status = last != NULL ? last->status : 0,
	    .last_words = last != NULL ? last->words : "",
	    .name = webhook->name};

	return rpc_list_add(list, &rpc_layout_webhook_info, &info);
}

/* An administrator's are all of the organisation, another's his own. */
static bool
is_theirs(const struct api_context *context, const struct webhook *webhook)
{
	return webhook->user_id == context->who.user_id ||
	    role_reach(&context->who.standing) == RPC_REACH_ALL;
}

/* "paused,oom": each of them a kind there is, or "" for all. */
static int
check_kinds(const char *kinds, struct err *err)
{
	char name[EVENT_KIND_SIZE];

	for (const char *at = kinds; *kinds != '\0'; at++) {
		const size_t n = strcspn(at, ",");

		snprintf(name, sizeof name, "%.*s",
		    n < sizeof name ? (int)n : 0, at);
		if (event_kind_find(name) == N_EVENT_KINDS)
			return err_set(err, EINVAL, "events: \"%.*s\" is no "
			    "kind of event", n < 32 ? (int)n : 32, at);
		at += n;
		if (*at == '\0')
			break;
	}
	return 0;
}

static int
check_secret(const char *secret, struct err *err)
{
	for (; *secret != '\0'; secret++)
		if (*secret <= ' ' || *secret > '~')
			return err_set(err, EINVAL, "secret: 1 to %d printable "
			    "characters of ASCII", WEBHOOK_SECRET_SIZE - 1);
	return 0;
}

/* Of every sandbox only who reaches every one; of one, who reaches that. */
static int
read_wish(struct api_context *context,
    const struct rpc_webhook_add_req *request, struct webhook *ret)
{
	struct webhook_url url;
	struct err *err = &context->err;
	int r = webhook_url_parse(request->url, &url, err);

	if (r == 0)
		r = check_secret(request->secret, err);
	if (r == 0)
		r = check_kinds(request->kinds, err);
	if (r == 0 && *request->sandbox_id != '\0')
		r = api_check_sandbox(context, request->sandbox_id);
	if (r < 0)
		return r;
	*ret = (struct webhook){.user_id = context->who.user_id,
	    .created_ms = (int64_t)clock_unix_ms()};
	snprintf(ret->org, sizeof ret->org, "%s", context->who.org);
	snprintf(ret->user, sizeof ret->user, "%s", context->who.user);
	snprintf(ret->url, sizeof ret->url, "%s", request->url);
	snprintf(ret->secret, sizeof ret->secret, "%s", request->secret);
	snprintf(ret->kinds, sizeof ret->kinds, "%s", request->kinds);
	snprintf(ret->sandbox_id, sizeof ret->sandbox_id, "%s",
	    request->sandbox_id);
	snprintf(ret->name, sizeof ret->name, "%s", request->name);
	return 0;
}

int
api_webhook_add(struct api_context *context, const void *data)
{
	const struct rpc_webhook_add_req *request = data;
	uint8_t buffer[INFO_SIZE];
	struct rpc_list list = {.data = buffer, .size = sizeof buffer};
	struct outbox_hook told = {.n_deliveries = 0};
	int r = api_permit_own(context, request->identity,
	    *request->sandbox_id != '\0' ? ACTION_CREATE : ACTION_ADMINISTER);

	if (r == 0)
		r = read_wish(context, request, &told.webhook);
	if (r == 0)
		r = webhook_add(context->broker->store, &told.webhook,
		    &context->err);
	if (r == 0)
		r = put(&list, &told);
	if (r == 0)
		r = outbox_add(context->broker->outbox, &told.webhook,
		    &context->err);
	sodium_memzero(told.webhook.secret, sizeof told.webhook.secret);
	if (r < 0)
		return r;
	api_audit_two(context, "webhook_add", "sandbox", *request->sandbox_id !=
	    '\0' ? request->sandbox_id : NULL, "url", request->url);
	return api_reply(context, &(struct rpc_webhook_add_rep){
	    rpc_list_bytes(&list)});
}

static int
list_webhooks(struct api_context *context, struct rpc_list *records)
{
	const struct outbox *outbox = context->broker->outbox;
	const struct outbox_hook *hook;
	int64_t after = 0;
	int r = 0;

	while (r == 0 && (hook = outbox_next(outbox, context->who.org,
	    after)) != NULL) {
		after = hook->webhook.id;
		if (is_theirs(context, &hook->webhook))
			r = put(records, hook);
	}
	return r;
}

int
api_webhook_list(struct api_context *context, const void *data)
{
	const struct rpc_webhook_list_req *request = data;
	auto_api_list struct rpc_list list = {0};
	int r = api_list(context, request->identity, ACTION_SEE, list_webhooks,
	    &list);

	return r < 0 ? r : api_reply(context, &(struct rpc_webhook_list_rep){
	    list.count, rpc_list_bytes(&list)});
}

/* One that they may know of. */
static const struct outbox_hook *
find(struct api_context *context, uint64_t id)
{
	const struct outbox_hook *hook = id == 0 || id > INT64_MAX ? NULL :
	    outbox_next(context->broker->outbox, context->who.org,
	    (int64_t)id - 1);

	if (hook != NULL && (uint64_t)hook->webhook.id == id &&
	    is_theirs(context, &hook->webhook))
		return hook;
	err_set(&context->err, ENOENT, "no webhook %llu",
	    (unsigned long long)id);
	return NULL;
}

int
api_webhook_remove(struct api_context *context, const void *data)
{
	const struct rpc_webhook_remove_req *request = data;
	int r = api_permit_own(context, request->identity, ACTION_CREATE);

	if (r == 0 && find(context, request->id) == NULL)
		r = -ENOENT;
	if (r == 0)
		r = outbox_remove(context->broker->outbox,
		    (int64_t)request->id, &context->err);
	return r < 0 ? r : api_removed(context, "webhook_remove",
	    "webhook_id", request->id);
}

int
api_webhook_test(struct api_context *context, const void *data)
{
	const struct rpc_webhook_remove_req *request = data;
	int r = api_permit_own(context, request->identity, ACTION_CREATE);

	if (r == 0 && find(context, request->id) == NULL)
		r = -ENOENT;
	if (r == 0)
		r = outbox_test(context->broker->outbox, (int64_t)request->id,
		    &context->err);
	return r < 0 ? r : api_reply(context,
	    &(struct rpc_webhook_remove_rep){});
}

static int
put_deliveries(const struct outbox_hook *hook, struct rpc_list *list)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < hook->n_deliveries; i++) {
		const struct outbox_delivery *from = &hook->deliveries[i];

		r = rpc_list_add(list, &rpc_layout_webhook_delivery,
		    &(struct rpc_webhook_delivery){from->at_ms,
		    from->event_id, from->event_type, from->status,
		    from->tries, from->words});
	}
	return r;
}

int
api_webhook_deliveries(struct api_context *context, const void *data)
{
	const struct rpc_webhook_remove_req *request = data;
	uint8_t buffer[DELIVERIES_SIZE];
	struct rpc_list list = {.data = buffer, .size = sizeof buffer};
	const struct outbox_hook *hook;
	int r = api_permit_own(context, request->identity, ACTION_SEE);

	if (r == 0)
		r = (hook = find(context, request->id)) == NULL ? -ENOENT :
		    put_deliveries(hook, &list);
	return r < 0 ? r : api_reply(context,
	    &(struct rpc_webhook_deliveries_rep){list.count,
	    rpc_list_bytes(&list)});
}
