// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/service/records.h"

#include <errno.h>
#include <stdlib.h>

#include "gateway/http/back/identity.h"
#include "gateway/protocol/broker_calls.h"

/* The calls take and answer the same fields, so that one struct is each. */
#define IS_LISTED(name)                                                        \
	_Static_assert(sizeof(struct rpc_##name##_list_req) ==                 \
	    sizeof(struct rpc_ssh_key_list_req) &&                             \
	    sizeof(struct rpc_##name##_list_rep) ==                            \
	    sizeof(struct rpc_ssh_key_list_rep), "lists are alike")
#define IS_KIND(name, remove)                                                  \
	IS_LISTED(name);                                                       \
	_Static_assert(sizeof(struct rpc_##remove##_req) ==                    \
	    sizeof(struct rpc_ssh_key_remove_req) &&                           \
	    sizeof(struct rpc_##remove##_rep) ==                               \
	    sizeof(struct rpc_ssh_key_remove_rep), "kinds are alike")
IS_KIND(token, token_revoke);
IS_KIND(ssh_ca, ssh_ca_remove);
IS_KIND(ssh_revocation, ssh_revocation_remove);
IS_KIND(webhook, webhook_remove);
IS_KIND(agent, agent_remove);
IS_LISTED(org);
IS_LISTED(user);

const struct records_kind records_tokens = {&rpc_call_token_list,
    &rpc_call_token_revoke, &rpc_layout_token_info};
const struct records_kind records_ssh_keys = {&rpc_call_ssh_key_list,
    &rpc_call_ssh_key_remove, &rpc_layout_ssh_key_info};
const struct records_kind records_ssh_cas = {&rpc_call_ssh_ca_list,
    &rpc_call_ssh_ca_remove, &rpc_layout_ssh_ca_info};
const struct records_kind records_ssh_revocations = {
    &rpc_call_ssh_revocation_list, &rpc_call_ssh_revocation_remove,
    &rpc_layout_ssh_revocation_info};
const struct records_kind records_webhooks = {&rpc_call_webhook_list,
    &rpc_call_webhook_remove, &rpc_layout_webhook_info};
const struct records_kind records_agents = {&rpc_call_agent_list,
    &rpc_call_agent_remove, &rpc_layout_agent_info};
const struct records_kind records_orgs = {&rpc_call_org_list, NULL,
    &rpc_layout_org_info};
const struct records_kind records_users = {&rpc_call_user_list, NULL,
    &rpc_layout_user_info};

struct listing {
	const struct records_kind *kind;
	records_done *done;
	void *arg;
};

struct removal {
	records_end_done *done;
	void *arg;
};

int
records_next(struct records *records, void *ret_record)
{
	size_t used;

	if (records->count == 0)
		return 0;
	if (rpc_decode(records->layout, records->bytes.data,
	    records->bytes.size, ret_record, &used) < 0)
		return -EBADMSG;
	records->bytes.data += used;
	records->bytes.size -= (uint32_t)used;
	records->count--;
	return 1;
}

static void
on_list(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	auto_free struct listing *listing = arg;
	const struct rpc_ssh_key_list_rep *reply = data;
	struct records records = {.layout = listing->kind->layout};

	(void)message;
	if (reply != NULL) {
		records.bytes = reply->keys;
		records.count = reply->count;
	}
	listing->done(listing->arg, &records, err);
}

void
records_list(struct identity *who, const struct records_kind *kind,
    records_done *done, void *arg)
{
	const struct rpc_ssh_key_list_req request = {
	    .identity = identity_number(who)};
	const struct err err = {ENOMEM, "out of memory"};
	struct listing *listing = malloc(sizeof *listing);

	if (listing == NULL) {
		done(arg, NULL, &err);
		return;
	}
	*listing = (struct listing){kind, done, arg};
	identity_ask_broker(who, kind->list, &request, on_list, listing);
}

static void
on_removed(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	auto_free struct removal *removal = arg;

	(void)data;
	(void)message;
	removal->done(removal->arg, err);
}

void
records_remove(struct identity *who, const struct records_kind *kind,
    uint64_t id, records_end_done *done, void *arg)
{
	const struct rpc_ssh_key_remove_req request = {
	    .identity = identity_number(who), .id = id};
	const struct err err = {ENOMEM, "out of memory"};
	struct removal *removal = malloc(sizeof *removal);

	if (removal == NULL) {
		done(arg, &err);
		return;
	}
	*removal = (struct removal){done, arg};
	identity_ask_broker(who, kind->remove, &request, on_removed, removal);
}
