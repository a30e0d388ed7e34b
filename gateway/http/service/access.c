// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/service/access.h"

#include <errno.h>
#include <stdlib.h>

#include "gateway/http/back/identity.h"
#include "gateway/protocol/broker_calls.h"

struct asking {
	access_done *done;
	void *arg;
};

static void
on_answer(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	auto_free struct asking *asking = arg;
	const struct rpc_sandbox_token_rep *reply = data;

	(void)message;
	asking->done(asking->arg, err == NULL ? reply->token : NULL, err);
}

void
access_find(struct identity *who, const char *sandbox_id, access_done *done,
    void *arg)
{
	const struct rpc_sandbox_token_req request = {identity_number(who),
	    sandbox_id};
	const struct err err = {ENOMEM, "out of memory"};
	struct asking *asking = malloc(sizeof *asking);

	if (asking == NULL) {
		done(arg, NULL, &err);
		return;
	}
	*asking = (struct asking){done, arg};
	identity_ask_broker(who, &rpc_call_sandbox_token, &request, on_answer,
	    asking);
}
