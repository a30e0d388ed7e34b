// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/service/status.h"

#include <errno.h>
#include <stdlib.h>

#include "common/rpc_calls.h"
#include "gateway/http/back/identity.h"
#include "gateway/protocol/broker_calls.h"

/* What was answered points into its message. */
struct asking {
	struct identity *who;
	status_done *done;
	void *arg;
	struct rpc_message gateway_message, sandboxd_message;
	struct rpc_gateway_status_rep gateway;
	struct rpc_host_status_rep sandboxd;
};

static void
end(struct asking *asking, const struct rpc_host_resources_rep *resources,
    const struct err *err)
{
	const bool is_there = resources != NULL;

	asking->done(asking->arg, err == NULL ? &asking->gateway : NULL,
	    is_there ? &asking->sandboxd : NULL, resources, err);
	rpc_message_free(&asking->gateway_message);
	rpc_message_free(&asking->sandboxd_message);
	free(asking);
}

static struct rpc_message
take_message(struct rpc_message *message)
{
	struct rpc_message taken = *message;

	*message = (struct rpc_message){0};
	return taken;
}

/* No answer is one, too. */
static void
on_resources(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	(void)message;
	(void)err;
	end(arg, data, NULL);
}

static void
on_sandboxd(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	const struct rpc_host_resources_req request = {};
	struct asking *asking = arg;

	if (err != NULL) {
		end(asking, NULL, NULL);
		return;
	}
	asking->sandboxd = *(const struct rpc_host_status_rep *)data;
	asking->sandboxd_message = take_message(message);
	identity_ask_sandboxd(asking->who, &rpc_call_host_resources, &request,
	    on_resources, asking);
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
	asking->gateway_message = take_message(message);
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
		done(arg, NULL, NULL, NULL, &err);
		return;
	}
	asking->who = who;
	asking->done = done;
	asking->arg = arg;
	identity_ask_broker(who, &rpc_call_gateway_status, &request,
	    on_gateway, asking);
}
