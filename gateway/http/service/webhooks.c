// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/service/webhooks.h"

#include <errno.h>
#include <stdlib.h>

#include "gateway/http/back/identity.h"

static const struct err out_of_memory = {ENOMEM, "out of memory"};

/* Who asked for what; one of the three is to be told. */
struct asking {
	webhooks_done *done;
	records_done *listed;
	records_end_done *ended;
	void *arg;
	uint64_t id;
};

static struct asking *
make(const struct asking *from)
{
	struct asking *asking = malloc(sizeof *asking);

	if (asking != NULL)
		*asking = *from;
	return asking;
}

static void
on_added(void *arg, const void *data, struct rpc_message *message,
    const struct err *failure)
{
	auto_free struct asking *asking = arg;
	const struct rpc_webhook_add_rep *reply = data;
	const struct err malformed = {EBADMSG, "malformed webhook"};
	struct rpc_webhook_info webhook;

	(void)message;
	if (failure != NULL)
		asking->done(asking->arg, NULL, failure);
	else if (rpc_decode(&rpc_layout_webhook_info, reply->webhook.data,
	    reply->webhook.size, &webhook, NULL) < 0)
		asking->done(asking->arg, NULL, &malformed);
	else
		asking->done(asking->arg, &webhook, NULL);
}

void
webhooks_add(struct identity *who, struct rpc_webhook_add_req *wish,
    webhooks_done *done, void *arg)
{
	struct asking *asking = make(&(struct asking){.done = done,
	    .arg = arg});

	if (asking == NULL) {
		done(arg, NULL, &out_of_memory);
		return;
	}
	wish->identity = identity_number(who);
	identity_ask_broker(who, &rpc_call_webhook_add, wish, on_added,
	    asking);
}

static void
on_list(void *arg, struct records *records, const struct err *failure)
{
	auto_free struct asking *asking = arg;
	struct rpc_webhook_info webhook;
	struct err err;
	int r = 0;

	while (failure == NULL && (r = records_next(records, &webhook)) > 0)
		if (webhook.id == asking->id) {
			asking->done(asking->arg, &webhook, NULL);
			return;
		}
	if (failure == NULL && r == 0)
		err_set(&err, ENOENT, "no webhook %llu",
		    (unsigned long long)asking->id);
	else if (failure == NULL)
		err_set(&err, EBADMSG, "malformed webhooks");
	asking->done(asking->arg, NULL, failure != NULL ? failure : &err);
}

void
webhooks_get(struct identity *who, uint64_t id, webhooks_done *done, void *arg)
{
	struct asking *asking = make(&(struct asking){.done = done,
	    .arg = arg, .id = id});

	if (asking == NULL)
		done(arg, NULL, &out_of_memory);
	else
		records_list(who, &records_webhooks, on_list, asking);
}

static void
on_tested(void *arg, const void *data, struct rpc_message *message,
    const struct err *failure)
{
	auto_free struct asking *asking = arg;

	(void)data;
	(void)message;
	asking->ended(asking->arg, failure);
}

void
webhooks_test(struct identity *who, uint64_t id, records_end_done *done,
    void *arg)
{
	const struct rpc_webhook_remove_req request = {identity_number(who),
	    id};
	struct asking *asking = make(&(struct asking){.ended = done,
	    .arg = arg});

	if (asking == NULL)
		done(arg, &out_of_memory);
	else
		identity_ask_broker(who, &rpc_call_webhook_test, &request,
		    on_tested, asking);
}

static void
on_deliveries(void *arg, const void *data, struct rpc_message *message,
    const struct err *failure)
{
	auto_free struct asking *asking = arg;
	const struct rpc_webhook_deliveries_rep *reply = data;
	struct records records = {.layout = &rpc_layout_webhook_delivery};

	(void)message;
	if (reply != NULL) {
		records.bytes = reply->deliveries;
		records.count = reply->count;
	}
	asking->listed(asking->arg, &records, failure);
}

void
webhooks_deliveries(struct identity *who, uint64_t id, records_done *done,
    void *arg)
{
	const struct rpc_webhook_remove_req request = {identity_number(who),
	    id};
	struct asking *asking = make(&(struct asking){.listed = done,
	    .arg = arg});

	if (asking == NULL)
		done(arg, NULL, &out_of_memory);
	else
		identity_ask_broker(who, &rpc_call_webhook_deliveries,
		    &request, on_deliveries, asking);
}
