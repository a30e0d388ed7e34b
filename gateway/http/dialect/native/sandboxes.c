// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "gateway/http/dialect/native/limit_wish.h"
#include "gateway/http/dialect/native/native.h"
#include "gateway/http/dialect/native/time_wish.h"
#include "gateway/http/service/sandboxes.h"

/* Of a sandbox that is there already. */
struct change {
	struct time_wish time;
	struct wish_limits limits;
	uint32_t auto_resume;
	char *metadata;
};

static const struct field change_fields[] = {
    TIME_WISH_FIELDS(struct change, true)
    LIMIT_FIELDS(struct change)
    {"auto_resume", FIELD_BOOLEAN, offsetof(struct change, auto_resume), 0, 0,
	"whether who connects resumes it, or wakes it"},
    METADATA(struct change)
};
FIELD_TABLE(native_sandbox_change, struct change, change_fields);

static const struct field refresh_fields[] = {
    {"duration", FIELD_SECONDS, 0, 0, TIME_WISH_MAX,
	"its ttl from now on, this once"},
};
FIELD_TABLE(native_refresh, uint64_t, refresh_fields);

static void
end(struct exchange *exchange, unsigned int status,
    const struct sandboxes_view *sandbox, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(exchange, err);
	else
		exchange_reply(exchange, status,
		    native_print_sandbox(sandbox));
}

static void
on_got(void *arg, const struct sandboxes_view *sandbox, const struct err *err)
{
	end(arg, 200, sandbox, err);
}

void
native_get_sandbox(struct exchange *exchange)
{
	sandboxes_get(exchange_who(exchange), exchange_param(exchange, "id"),
	    on_got, exchange);
}

static const struct field environment_fields[] = {
    {"env", FIELD_VARIABLES, 0, .text =
	"each by its name, as its create and its template said"},
};
FIELD_TABLE(native_environment, struct field_variables, environment_fields);

static void
on_env(void *arg, const struct rpc_strv *env, const struct err *err)
{
	if (err != NULL) {
		exchange_fail_err(arg, err);
	} else {
		const struct field_variables variables = {
		    (char *)(uintptr_t)env->data, env->size, env->count};

		exchange_reply(arg, 200, field_print(&native_environment,
		    &variables));
	}
}

void
native_get_environment(struct exchange *exchange)
{
	sandboxes_env(exchange_who(exchange), exchange_param(exchange, "id"),
	    on_env, exchange);
}

static void
ask_power(struct exchange *exchange, enum sandboxes_power power)
{
	sandboxes_power(exchange_who(exchange),
	    exchange_param(exchange, "id"), power, on_got, exchange);
}

static const struct field restore_fields[] = {
    {"snapshot", FIELD_NAME, 0, 1, 63, "by its id or name",
	.required = "the id or the name of a snapshot"},
};
FIELD_TABLE(native_restore_wish, const char *, restore_fields);

void
native_restore_sandbox(struct exchange *exchange)
{
	const char *const *snapshot = exchange_input(exchange);

	sandboxes_restore(exchange_who(exchange),
	    exchange_param(exchange, "id"), *snapshot, on_got, exchange);
}

void
native_pause_sandbox(struct exchange *exchange)
{
	ask_power(exchange, SANDBOXES_PAUSED);
}

void
native_suspend_sandbox(struct exchange *exchange)
{
	ask_power(exchange, SANDBOXES_SUSPENDED);
}

void
native_resume_sandbox(struct exchange *exchange)
{
	ask_power(exchange, SANDBOXES_RUNNING);
}

void
native_refresh_sandbox(struct exchange *exchange)
{
	const uint64_t *duration_s = exchange_input(exchange);

	sandboxes_refresh(exchange_who(exchange),
	    exchange_param(exchange, "id"), *duration_s == FIELD_NEVER ?
	    RPC_NEVER : *duration_s, on_got, exchange);
}

static bool
has_limits(const struct wish_limits *limits)
{
	return *limits->size != '\0' || limits->memory_bytes != 0 ||
	    limits->disk_bytes != 0 || limits->pids != 0 ||
	    limits->cpu_millis != 0;
}

static bool
has_more(const struct change *change)
{
	const struct time_wish *time = &change->time;

	return time->ttl_s != 0 || time->timeout_s != 0 ||
	    time->hard_ttl_s != 0 || time->idle_timeout_s != 0 ||
	    time->on_expiry != NULL || change->metadata != NULL ||
	    change->auto_resume != FIELD_UNSAID;
}

static void
change_rest(struct exchange *exchange)
{
	const struct change *change = exchange_input(exchange);
	struct rpc_sandbox_change_req wish = {
	    .id = exchange_param(exchange, "id"),
	    .auto_resume = change->auto_resume,
	    .metadata = change->metadata};
	uint8_t buffer[TIME_WISH_BYTES];
	struct err err;

	if (time_wish_encode(&change->time, buffer, &wish.lifetime, &err) < 0)
		exchange_fail_err(exchange, &err);
	else
		sandboxes_change(exchange_who(exchange), &wish, on_got,
		    exchange);
}

static void
on_resized(void *arg, const struct sandboxes_view *sandbox,
    const struct err *err)
{
	if (err == NULL && has_more(exchange_input(arg)))
		change_rest(arg);
	else
		on_got(arg, sandbox, err);
}

/* Limits first: those can be refused by what the sandbox is at. */
void
native_change_sandbox(struct exchange *exchange)
{
	const struct change *change = exchange_input(exchange);
	const struct rpc_sandbox_resize_req resize = {
	    .id = exchange_param(exchange, "id"),
	    .size = change->limits.size,
	    .memory_limit_bytes = change->limits.memory_bytes,
	    .disk_limit_bytes = change->limits.disk_bytes,
	    .pids_limit = change->limits.pids,
	    .cpu_limit_millis = change->limits.cpu_millis};

	if (has_limits(&change->limits))
		sandboxes_resize(exchange_who(exchange), &resize, on_resized,
		    exchange);
	else
		change_rest(exchange);
}
