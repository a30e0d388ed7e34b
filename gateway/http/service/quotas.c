// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/service/quotas.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/rpc_calls.h"
#include "gateway/http/back/depot.h"
#include "gateway/http/back/identity.h"
#include "gateway/protocol/broker_calls.h"
#include "gateway/protocol/depot_calls.h"

struct asking {
	struct identity *who;
	quotas_done *done;
	void *arg;
	/* In the order that they are asked in. */
	struct rpc_sandbox_quota_rep sandboxd;
	struct rpc_broker_quota_rep broker;
	struct rpc_depot_quota_rep depot;
};

static void
fail(struct asking *asking, const struct err *err)
{
	asking->done(asking->arg, NULL, 0, err);
	free(asking);
}

static void
tell(struct asking *asking)
{
	const struct quota_view quotas[] = {
#define VIEW(name, unit, scope, text, reply)                                   \
	{#name, text, QUOTA_##unit, QUOTA_##scope, asking->reply.name##_used,  \
	    asking->reply.name##_limit},
#define QUOTA_SANDBOXD(name, unit, scope, text)                                \
	VIEW(name, unit, scope, text, sandboxd)
#define QUOTA_BROKER(name, unit, scope, text)                                  \
	VIEW(name, unit, scope, text, broker)
#define QUOTA_DEPOT(name, unit, scope, text)                                   \
	VIEW(name, unit, scope, text, depot)
#include "common/quota.def"
	};

	asking->done(asking->arg, quotas, sizeof quotas / sizeof *quotas,
	    NULL);
	free(asking);
}

static void
on_depot(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	struct asking *asking = arg;

	(void)message;
	if (err != NULL) {
		fail(asking, err);
		return;
	}
	asking->depot = *(const struct rpc_depot_quota_rep *)data;
	tell(asking);
}

static void
on_broker(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	static const struct rpc_depot_quota_req request;
	struct asking *asking = arg;

	(void)message;
	if (err != NULL) {
		fail(asking, err);
		return;
	}
	asking->broker = *(const struct rpc_broker_quota_rep *)data;
	depot_ask(asking->who, &rpc_call_depot_quota, &request, on_depot,
	    asking);
}

static void
on_sandboxd(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	struct asking *asking = arg;
	const struct rpc_broker_quota_req request = {
	    identity_number(asking->who)};

	(void)message;
	if (err != NULL) {
		fail(asking, err);
		return;
	}
	asking->sandboxd = *(const struct rpc_sandbox_quota_rep *)data;
	identity_ask_broker(asking->who, &rpc_call_broker_quota, &request,
	    on_broker, asking);
}

void
quotas_get(struct identity *who, quotas_done *done, void *arg)
{
	static const struct rpc_sandbox_quota_req request;
	const struct err err = {ENOMEM, "out of memory"};
	struct asking *asking = calloc(1, sizeof *asking);

	if (asking == NULL) {
		done(arg, NULL, 0, &err);
		return;
	}
	asking->who = who;
	asking->done = done;
	asking->arg = arg;
	identity_ask_sandboxd(who, &rpc_call_sandbox_quota, &request,
	    on_sandboxd, asking);
}

const struct quota_view *
quotas_find(const struct quota_view *quotas, size_t n, const char *name)
{
	size_t i = 0;

	while (i < n && strcmp(quotas[i].name, name) != 0)
		i++;
	assert(i < n);
	return &quotas[i];
}
