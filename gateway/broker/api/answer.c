// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/api/answer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/fd.h"
#include "gateway/broker/audit.h"
#include "gateway/broker/login/claim.h"

#define LIST_SIZE 131072 /* of the records of one list */

int
api_reply(const struct api_context *context, const void *data)
{
	rpc_server_reply(&context->broker->http, context->call,
	    context->message->header.id, data, NULL, 0);
	return 0;
}

int
api_identify(struct api_context *context, uint64_t number)
{
	return api_identity_find(&context->broker->identities,
	    context->broker->store, number, clock_unix_ms(), &context->who,
	    &context->err);
}

int
api_permit(struct api_context *context, uint64_t number, enum action action)
{
	int r = api_identify(context, number);

	return r < 0 ? r : role_check(&context->who.standing, action,
	    &context->err);
}

int
api_permit_own(struct api_context *context, uint64_t number,
    enum action action)
{
	int r = api_permit(context, number, action);

	if (r == 0 && context->who.user_id == 0)
		r = err_set(&context->err, EINVAL, "user: say whose, as in "
		    "--user NAME");
	if (r == 0 && context->who.sandbox_id[0] != '\0')
		r = err_set(&context->err, EACCES, "permission denied: this "
		    "token is for one sandbox");
	return r;
}

void
api_audit_two(const struct api_context *context, const char *event,
    const char *key, const char *value, const char *key2, const char *value2)
{
	const struct api_identity *who = &context->who;

	(void)audit_write(&context->broker->audit, event, "org", who->org,
	    "user", who->user, "by", who->actor, key, value, key2, value2,
	    NULL);
}

void
api_audit(const struct api_context *context, const char *event,
    const char *key, const char *value)
{
	api_audit_two(context, event, key, value, "", NULL);
}

int
api_removed(const struct api_context *context, const char *event,
    const char *key, uint64_t id)
{
	char digits[24];

	snprintf(digits, sizeof digits, "%llu", (unsigned long long)id);
	api_audit(context, event, key, digits);
	claims_review(context->broker);
	return api_reply(context, &(struct rpc_ssh_key_remove_rep){});
}

void
api_record_init(struct api_record *record)
{
	record->list = (struct rpc_list){.data = record->bytes,
	    .size = sizeof record->bytes};
}

int
api_list(struct api_context *context, uint64_t identity, enum action action,
    int (*list)(struct api_context *context, struct rpc_list *records),
    struct rpc_list *ret)
{
	int r = api_permit(context, identity, action);

	*ret = (struct rpc_list){.data = malloc(LIST_SIZE), .size = LIST_SIZE};
	if (r == 0 && ret->data == NULL)
		r = err_set(&context->err, ENOMEM, "out of memory");
	/* So that the list knows of a login just now. */
	if (r == 0)
		r = store_flush(context->broker->store, &context->err);
	if (r == 0)
		r = list(context, ret);
	return r == -EMSGSIZE ? err_set(&context->err, E2BIG,
	    "too many to list") : r;
}

void
api_list_free(struct rpc_list *list)
{
	free(list->data);
	list->data = NULL;
}

struct rpc_strv
api_host_keys(const struct broker *broker)
{
	return (struct rpc_strv){broker->host_keys, broker->host_keys_size,
	    broker->n_host_keys};
}
