// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/back/ask.h"

#include <errno.h>
#include <stdlib.h>

#include "common/fd.h"
#include "gateway/http/back/back_of.h"
#include "gateway/http/back/identity.h"

struct ask {
	struct loop *loop;
	uint64_t timeout_ms;
	struct calls *init; /* NULL until it is attached to */
	const struct rpc_call *call;
	const void *request;
	ask_done *done; /* of the one that is asked; NULL = none is */
	void *arg;
	unsigned int depth;
};

static void
release(struct ask *ask)
{
	if (ask->done != NULL || ask->depth > 0)
		return;
	calls_free(ask->init);
	free(ask);
}

static void
end(struct ask *ask, const void *reply, const struct err *err)
{
	ask_done *done = ask->done;

	ask->done = NULL;
	ask->depth++;
	done(ask->arg, ask, reply, err);
	ask->depth--;
	release(ask);
}

static void
on_reply(void *arg, const void *reply, struct rpc_message *message,
    const struct err *err)
{
	(void)message;
	end(arg, reply, err);
}

static void
start(struct ask *ask, int init_fd)
{
	const struct calls_options options = {.loop = ask->loop,
	    .fd = init_fd, .timeout_ms = ask->timeout_ms,
	    .hangup = SANDBOX_HANGUP};
	struct err err;

	/* Who speaks there is not trusted to send any. */
	fd_refuse_passing(init_fd);
	if (calls_new(&options, &ask->init, &err) < 0)
		end(ask, NULL, &err);
	else
		calls_make(ask->init, ask->call, ask->request, -1, on_reply,
		    ask);
}

static void
on_attached(void *arg, const void *reply, struct rpc_message *message,
    const struct err *failure)
{
	struct ask *ask = arg;
	const struct err err = {EBADMSG, "no connection to the sandbox came"};

	(void)reply;
	if (failure != NULL)
		end(ask, NULL, failure);
	else if (message->n_fds != 1)
		end(ask, NULL, &err);
	else
		start(ask, take_fd(&message->fds[0]));
}

void
ask_init(struct identity *who, const char *sandbox_id,
    const struct rpc_call *call, const void *request, ask_done *done,
    void *arg)
{
	const struct rpc_sandbox_attach_req attach = {.id = sandbox_id};
	const struct back *back = identity_back(who);
	struct ask *ask = calloc(1, sizeof *ask);
	const struct err err = {ENOMEM, "out of memory"};

	if (ask == NULL) {
		done(arg, NULL, NULL, &err);
		return;
	}
	*ask = (struct ask){.loop = back->loop,
	    .timeout_ms = back->timeout_ms, .call = call, .request = request,
	    .done = done, .arg = arg};
	identity_ask_sandboxd(who, &rpc_call_sandbox_attach, &attach,
	    on_attached, ask);
}

void
ask_again(struct ask *ask, const struct rpc_call *call, const void *request,
    ask_done *done, void *arg)
{
	ask->done = done;
	ask->arg = arg;
	calls_make(ask->init, call, request, -1, on_reply, ask);
}
