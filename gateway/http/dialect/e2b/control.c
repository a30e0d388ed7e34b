// SPDX-License-Identifier: Apache-2.0
/* What is done to a sandbox, and answered with nothing. */
#include <errno.h>
#include <string.h>

#include "gateway/http/dialect/e2b/answer.h"

struct pause_wish {
	uint32_t keeps_memory;
};
static const struct field pause_fields[] = {
    {"memory", FIELD_BOOLEAN, offsetof(struct pause_wish, keeps_memory),
	.text = "whether its processes are kept; true where left out"},
};
FIELD_TABLE(e2b_pause_wish, struct pause_wish, pause_fields);

static void
on_ended(void *arg, const struct err *err)
{
	answer_nothing(arg, err);
}

/* One that was destroyed is not there, and it is said. */
void
e2b_kill_sandbox(struct exchange *exchange)
{
	sandboxes_destroy(exchange_who(exchange),
	    exchange_param(exchange, "id"), on_ended, exchange);
}

static void
on_changed(void *arg, const struct sandboxes_view *sandbox,
    const struct err *err)
{
	(void)sandbox;
	answer_nothing(arg, err);
}

/* It is a failure to pause what is paused: clients tell the two apart. */
static void
on_looked(void *arg, const struct sandboxes_view *sandbox,
    const struct err *err)
{
	const struct pause_wish *wish = exchange_input(arg);
	struct failure failure;

	if (err != NULL) {
		exchange_fail_err(arg, err);
	} else if (!e2b_is_running(&sandbox->info)) {
		failure_set(&failure, e2b_is_told(&sandbox->info) ? 409 : 404,
		    "conflict", NULL, "it is %s", sandbox->info.state);
		exchange_fail(arg, &failure);
	} else {
		sandboxes_power(exchange_who(arg), exchange_param(arg, "id"),
		    wish->keeps_memory == FIELD_FALSE ? SANDBOXES_SUSPENDED :
		    SANDBOXES_PAUSED, on_changed, arg);
	}
}

void
e2b_pause_sandbox(struct exchange *exchange)
{
	sandboxes_get(exchange_who(exchange), exchange_param(exchange, "id"),
	    on_looked, exchange);
}

void
e2b_set_timeout(struct exchange *exchange)
{
	const uint64_t *timeout_s = exchange_input(exchange);

	sandboxes_refresh(exchange_who(exchange),
	    exchange_param(exchange, "id"), *timeout_s == FIELD_NEVER ?
	    RPC_NEVER : *timeout_s, on_changed, exchange);
}

static void
on_health(void *arg, const struct sandboxes_view *sandbox,
    const struct err *err)
{
	struct failure failure;

	if (err != NULL && err->code != ENOENT) {
		exchange_fail_err(arg, err);
	} else if (err != NULL || !e2b_is_running(&sandbox->info)) {
		failure_set(&failure, 502, "gone", NULL, "it is %s",
		    err != NULL ? "not there" : sandbox->info.state);
		exchange_fail(arg, &failure);
	} else {
		exchange_reply(arg, 204, NULL);
	}
}

void
e2b_get_health(struct exchange *exchange)
{
	sandboxes_get(exchange_who(exchange), exchange_param(exchange, "id"),
	    on_health, exchange);
}
