// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/service/pool.h"

#include <errno.h>
#include <stdlib.h>

#include "common/fd.h"
#include "common/parse.h"
#include "gateway/http/back/identity.h"

/* A question, and whom to tell; one of these is set. */
struct asking {
	pool_done *done;
	pool_list_done *list_done;
	void *arg;
};

static void
end(const struct asking *asking, struct rpc_bytes rows, const struct err *err)
{
	if (asking->list_done != NULL)
		asking->list_done(asking->arg, rows, err);
	else
		asking->done(asking->arg, err);
}

/* Keeps whom to tell until there is an answer. */
static void
ask(struct identity *who, const struct rpc_call *call, const void *request,
    void (*on_reply)(void *arg, const void *reply,
    struct rpc_message *message, const struct err *err),
    const struct asking *asking)
{
	const struct err err = {ENOMEM, "out of memory"};
	struct asking *kept = malloc(sizeof *kept);

	if (kept == NULL) {
		end(asking, (struct rpc_bytes){0}, &err);
		return;
	}
	*kept = *asking;
	identity_ask_sandboxd(who, call, request, on_reply, kept);
}

static void
on_rows(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	auto_free struct asking *asking = arg;
	const struct rpc_pool_list_rep *reply = data;

	(void)message;
	end(asking, err == NULL ? reply->rows : (struct rpc_bytes){0}, err);
}

void
pool_list(struct identity *who, pool_list_done *done, void *arg)
{
	static const struct rpc_pool_list_req request;

	ask(who, &rpc_call_pool_list, &request, on_rows,
	    &(struct asking){.list_done = done, .arg = arg});
}

static void
on_set(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	auto_free struct asking *asking = arg;

	(void)data;
	(void)message;
	end(asking, (struct rpc_bytes){0}, err);
}

void
pool_set(struct identity *who, const struct rpc_pool_set_req *request,
    pool_done *done, void *arg)
{
	const struct asking asking = {.done = done, .arg = arg};
	struct err err = {0};

	/* In the words sandboxd would use. */
	if (!name_is_valid(request->template_name)) {
		err_set(&err, ENOENT, "template: there is no \"%.63s\" for "
		    "every organisation", request->template_name);
		end(&asking, (struct rpc_bytes){0}, &err);
		return;
	}
	ask(who, &rpc_call_pool_set, request, on_set, &asking);
}
