// SPDX-License-Identifier: Apache-2.0
/* The end of a sandbox by each of its words, and what puts it off. */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "gateway/http/dialect/native/native.h"
#include "gateway/http/dialect/native/time_wish.h"
#include "gateway/http/service/sandboxes.h"

static void
on_recalled(void *arg, const struct sandboxes_view *sandbox,
    const struct err *err)
{
	(void)sandbox;
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		exchange_reply(arg, 204, NULL);
}

/* One that was destroyed before is as gone as was asked for, as long as it is
 * remembered. */
static void
on_destroyed(void *arg, const struct err *err)
{
	if (err != NULL && err->code == ENOENT)
		sandboxes_get(exchange_who(arg), exchange_param(arg, "id"),
		    on_recalled, arg);
	else
		exchange_done(arg, err);
}

void
native_destroy_sandbox(struct exchange *exchange)
{
	sandboxes_destroy(exchange_who(exchange),
	    exchange_param(exchange, "id"), on_destroyed, exchange);
}

static void
on_told(void *arg, const struct sandboxes_view *sandbox, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		exchange_reply(arg, 200, native_print_sandbox(sandbox));
}

static void
on_stopped(void *arg, const struct err *err)
{
	if (err != NULL && err->code != ENOENT)
		exchange_fail_err(arg, err);
	else
		sandboxes_get(exchange_who(arg), exchange_param(arg, "id"),
		    on_told, arg);
}

/* The same by 8080's word, and what is remembered of it. */
void
native_stop_sandbox(struct exchange *exchange)
{
	sandboxes_destroy(exchange_who(exchange),
	    exchange_param(exchange, "id"), on_stopped, exchange);
}

void
native_kill_sandbox(struct exchange *exchange)
{
	sandboxes_kill(exchange_who(exchange), exchange_param(exchange, "id"),
	    exchange_done, exchange);
}

static const struct field keepalive_fields[] = {
    {"timeout", FIELD_SECONDS, 0, 0, TIME_WISH_MAX,
	"its time from now on, this once; cut at 24h, and what it was where "
	"left out"},
};
FIELD_TABLE(native_keepalive, uint64_t, keepalive_fields);

static void
on_found(void *arg, const struct sandboxes_view *sandbox,
    const struct err *err)
{
	const uint64_t *timeout_s = exchange_input(arg);
	struct failure failure;

	if (err != NULL) {
		exchange_fail_err(arg, err);
	} else if (!native_is_ephemeral(&sandbox->info)) {
		failure_set(&failure, 409, "conflict", NULL,
		    "%s: is not ephemeral; refresh is for any",
		    sandbox->info.id);
		exchange_fail(arg, &failure);
	} else if (strcmp(sandbox->info.state, "running") != 0) {
		failure_set(&failure, 409, "conflict", NULL,
		    "%s: is %s, not running", sandbox->info.id,
		    sandbox->info.state);
		exchange_fail(arg, &failure);
	} else {
		sandboxes_refresh(exchange_who(arg),
		    exchange_param(arg, "id"), *timeout_s > TIMEOUT_MAX_S ?
		    TIMEOUT_MAX_S : *timeout_s, on_told, arg);
	}
}

void
native_keep_sandbox_alive(struct exchange *exchange)
{
	const uint64_t *timeout_s = exchange_input(exchange);
	struct failure failure;

	if (*timeout_s == FIELD_NEVER) {
		failure_of_field(&failure, "timeout",
		    "must be from 1s, such as 5m; more than 24h is 24h");
		exchange_fail(exchange, &failure);
		return;
	}
	sandboxes_get(exchange_who(exchange), exchange_param(exchange, "id"),
	    on_found, exchange);
}
