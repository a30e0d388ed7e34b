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

void
api_audit(const struct api_context *context, const char *event,
    const char *key, const char *value)
{
	(void)audit_write(&context->broker->audit, event, "org",
	    context->who.org, "user", context->who.user, key, value, NULL);
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

int
api_put(struct api_records *records, const struct rpc_layout *layout,
    const void *record)
{
	ptrdiff_t n = rpc_encode(layout, record, records->data + records->used,
	    records->size - records->used);

	if (n < 0)
		return (int)n;
	records->used += (size_t)n;
	records->count++;
	return 0;
}

void
api_record_init(struct api_record *record)
{
	record->records = (struct api_records){.data = record->bytes,
	    .size = sizeof record->bytes};
}

struct rpc_bytes
api_bytes(const struct api_records *records)
{
	return (struct rpc_bytes){records->data, (uint32_t)records->used};
}

/* Every list is answered with the same fields, so that one struct is all. */
#define IS_LIST(name) \
	_Static_assert(sizeof(struct rpc_##name##_list_rep) == \
	    sizeof(struct rpc_ssh_key_list_rep), "lists are alike")
IS_LIST(token);
IS_LIST(ssh_ca);
IS_LIST(ssh_revocation);

int
api_list(struct api_context *context, uint64_t identity,
    int (*list)(struct api_context *context, struct api_records *records))
{
	auto_free uint8_t *buffer = malloc(LIST_SIZE);
	struct api_records records = {.data = buffer, .size = LIST_SIZE};
	int r;

	if (buffer == NULL)
		return err_set(&context->err, ENOMEM, "out of memory");
	r = api_identify(context, identity);
	/* So that the list knows of a login just now. */
	if (r == 0)
		r = store_flush(context->broker->store, &context->err);
	if (r == 0)
		r = list(context, &records);
	if (r == -EMSGSIZE)
		return err_set(&context->err, E2BIG, "too many to list");
	if (r < 0)
		return r;
	return api_reply(context, &(struct rpc_ssh_key_list_rep){
	    records.count, api_bytes(&records)});
}

struct rpc_strv
api_host_keys(const struct broker *broker)
{
	return (struct rpc_strv){broker->host_keys, broker->host_keys_size,
	    broker->n_host_keys};
}
