// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/e2b/answer.h"

#include <errno.h>

#include "gateway/http/service/access.h"

struct answering {
	struct exchange *exchange;
	unsigned int status;
	json_t *object; /* owned until it is told */
};

/* Who may not give one away is told of the sandbox all the same. */
static void
on_secret(void *arg, const char *secret, const struct err *err)
{
	struct answering *answering = arg;
	json_t *object = answering->object;

	answering->object = NULL;
	if (secret != NULL) {
		(void)json_object_set_new(object, "envdAccessToken",
		    json_string(secret));
		/* Of what listens in it, contexts among them: the same. */
		(void)json_object_set_new(object, "trafficAccessToken",
		    json_string(secret));
	} else if (err->code != EACCES && err->code != ENOENT) {
		json_decref(object);
		exchange_fail_err(answering->exchange, err);
		return;
	}
	exchange_reply(answering->exchange, answering->status, object);
}

void
answer_sandbox(struct exchange *exchange, unsigned int status,
    const struct sandboxes_view *sandbox, const struct err *err)
{
	const struct err no_memory = {ENOMEM, "out of memory"};
	struct answering *answering;
	struct err gone = {0};

	if (err == NULL && !e2b_is_told(&sandbox->info))
		err_set(&gone, ENOENT, "%s: no such sandbox",
		    sandbox->info.id);
	if (err != NULL || gone.code != 0) {
		exchange_fail_err(exchange, err != NULL ? err : &gone);
		return;
	}
	answering = exchange_memory(exchange, sizeof *answering);
	if (answering == NULL) {
		exchange_fail_err(exchange, &no_memory);
		return;
	}
	*answering = (struct answering){exchange, status,
	    e2b_sandbox(sandbox)};
	if (answering->object == NULL)
		exchange_fail_err(exchange, &no_memory);
	else
		access_find(exchange_who(exchange), sandbox->info.id,
		    on_secret, answering);
}

void
answer_nothing(struct exchange *exchange, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(exchange, err);
	else
		exchange_reply(exchange, 204, NULL);
}
