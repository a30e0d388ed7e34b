// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/service/status.h"

#include <errno.h>
#include <stdlib.h>

#include "common/rpc_calls.h"
#include "gateway/http/back/identity.h"
#include "gateway/protocol/broker_calls.h"

struct asking {
	struct identity *who;
	status_done *done;
	void *arg;
	struct rpc_message message; /* what gateway points into */
	struct rpc_gateway_status_rep gateway;
};

static void
end(struct asking *asking, const struct rpc_host_status_rep *sandboxd,
    const struct err *err)
{
	asking->done(asking->arg, err == NULL ? &asking->gateway : NULL,
	    sandboxd, err);
	rpc_message_free(&asking->message);
	free(asking);
}

/* No answer is one, too. */
static void
on_sandboxd(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	(void)message;
	(void)err;
	end(arg, data, NULL);
}

static void
on_gateway(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	const struct rpc_host_status_req request = {};
	struct asking *asking = arg;

	if (err != NULL) {
		end(asking, NULL, err);
		return;
	}
	asking->gateway = *(const struct rpc_gateway_status_rep *)data;
	asking->message = *message;
	*message = (struct rpc_message){0};
	identity_ask_sandboxd(asking->who, &rpc_call_host_status, &request,
	    on_sandboxd, asking);
}

void
status_get(struct identity *who, status_done *done, void *arg)
{
	const struct rpc_gateway_status_req request = {};
	const struct err err = {ENOMEM, "out of memory"};
	struct asking *asking = calloc(1, sizeof *asking);

	if (asking == NULL) {
		done(arg, NULL, NULL, &err);
		return;
	}
	asking->who = who;
	asking->done = done;
	asking->arg = arg;
	identity_ask_broker(who, &rpc_call_gateway_status, &request,
	    on_gateway, asking);
}
