// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/service/ssh.h"

#include <errno.h>
#include <stdlib.h>

#include "gateway/http/back/identity.h"
#include "gateway/protocol/broker_calls.h"

static const struct err out_of_memory = {ENOMEM, "out of memory"};

struct access_asking {
	ssh_access_done *done;
	void *arg;
};

struct status_asking {
	ssh_status_done *done;
	void *arg;
};

static void
on_access(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	auto_free struct access_asking *asking = arg;

	(void)message;
	asking->done(asking->arg, data, err);
}

void
ssh_grant(struct identity *who, struct rpc_ssh_access_req *wish,
    ssh_access_done *done, void *arg)
{
	struct access_asking *asking = malloc(sizeof *asking);

	if (asking == NULL) {
		done(arg, NULL, &out_of_memory);
		return;
	}
	*asking = (struct access_asking){done, arg};
	wish->identity = identity_number(who);
	identity_ask_broker(who, &rpc_call_ssh_access, wish, on_access,
	    asking);
}

static void
on_status(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	auto_free struct status_asking *asking = arg;

	(void)message;
	asking->done(asking->arg, data, err);
}

void
ssh_find(struct identity *who, ssh_status_done *done, void *arg)
{
	const struct rpc_gateway_status_req request = {};
	struct status_asking *asking = malloc(sizeof *asking);

	if (asking == NULL) {
		done(arg, NULL, &out_of_memory);
		return;
	}
	*asking = (struct status_asking){done, arg};
	identity_ask_broker(who, &rpc_call_gateway_status, &request,
	    on_status, asking);
}
