// SPDX-License-Identifier: Apache-2.0
/* What is asked of a sandbox that is there. */
#include <errno.h>
#include <stddef.h>

#include "gateway/http/dialect/native/limit_wish.h"
#include "gateway/http/dialect/sandbox0/services.h"
#include "gateway/http/service/exposures.h"

static const char *
id_of(const struct exchange *exchange)
{
	return exchange_param(exchange, "id");
}

/* What is told of one, until its services are in it. */
struct getting {
	struct exchange *exchange;
	json_t *object; /* owned */
};

static void
on_getting_gone(void *arg)
{
	const struct getting *getting = arg;

	json_decref(getting->object);
}

/* Without them where whoever asks may not see them. */
static void
on_services(void *arg, struct rpc_bytes records, const struct err *err)
{
	const struct getting *getting = arg;

	if (err == NULL)
		(void)json_object_set_new(getting->object, "services",
		    sandbox0_services_print(records));
	sandbox0_reply(getting->exchange, 200, json_incref(getting->object));
}

static void
on_got(void *arg, const struct sandboxes_view *sandbox, const struct err *err)
{
	struct getting *getting = arg;
	struct err gone = {0};

	if (err == NULL && sandbox0_check(sandbox, &gone) < 0)
		err = &gone;
	if (err != NULL) {
		exchange_fail_err(getting->exchange, err);
		return;
	}
	getting->object = sandbox0_sandbox(getting->exchange, sandbox);
	exposures_list_services(exchange_who(getting->exchange),
	    id_of(getting->exchange), on_services, getting);
}

void
sandbox0_get(struct exchange *exchange)
{
	struct getting *getting = exchange_memory(exchange, sizeof *getting);
	const struct exchange_stream stream = {.gone = on_getting_gone,
	    .arg = getting};
	const struct err err = {ENOMEM, "out of memory"};

	if (getting == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	getting->exchange = exchange;
	exchange_set_stream(exchange, &stream);
	sandboxes_get(
	    exchange_who(exchange), id_of(exchange), on_got, getting);
}

static void
on_status(
    void *arg, const struct sandboxes_view *sandbox, const struct err *err)
{
	struct err gone = {0};

	if (err == NULL && sandbox0_check(sandbox, &gone) < 0)
		err = &gone;
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		sandbox0_reply(arg, 200, sandbox0_status_of(arg, sandbox));
}

void
sandbox0_get_status(struct exchange *exchange)
{
	sandboxes_get(
	    exchange_who(exchange), id_of(exchange), on_status, exchange);
}

static void
on_removed(void *arg, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		sandbox0_reply_message(arg, "sandbox deleted");
}

void
sandbox0_remove(struct exchange *exchange)
{
	sandboxes_destroy(
	    exchange_who(exchange), id_of(exchange), on_removed, exchange);
}

static const struct field refresh_fields[] = {
    {"duration", FIELD_SECONDS, 0, 0, TIME_WISH_MAX,
	"seconds until it is paused, this once; its ttl where left out"},
};
FIELD_TABLE(sandbox0_refresh_wish, uint64_t, refresh_fields);

static void
on_refreshed(
    void *arg, const struct sandboxes_view *sandbox, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		sandbox0_reply(arg, 200,
		    json_pack("{s:s, s:o, s:o}", "sandbox_id", sandbox->info.id,
			"expires_at", sandbox0_time(sandbox->info.expires_ms),
			"hard_expires_at",
			sandbox0_time(sandbox->info.hard_expires_ms)));
}

void
sandbox0_refresh(struct exchange *exchange)
{
	const uint64_t *duration_s = exchange_input(exchange);

	sandboxes_refresh(exchange_who(exchange), id_of(exchange),
	    *duration_s == FIELD_NEVER ? 0 : *duration_s, on_refreshed,
	    exchange);
}

/* Whether it is as it was to be, by a word for that. */
static void
reply_power(struct exchange *exchange, const struct sandboxes_view *sandbox,
    const char *word, bool is_so, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(exchange, err);
	else
		sandbox0_reply(exchange, 200, json_pack(
		    "{s:s, s:b, s:s, s:o}", "sandbox_id", sandbox->info.id,
		    word, (int)is_so, "status",
		    sandbox0_status(&sandbox->info), "power_state",
		    sandbox0_power(&sandbox->info)));
}

static void
on_paused(
    void *arg, const struct sandboxes_view *sandbox, const struct err *err)
{
	reply_power(arg, sandbox, "paused", err == NULL &&
	    sandbox0_is_paused(&sandbox->info), err);
}

void
sandbox0_pause(struct exchange *exchange)
{
	sandboxes_power(exchange_who(exchange), id_of(exchange),
	    SANDBOXES_PAUSED, on_paused, exchange);
}

static void
on_resumed(
    void *arg, const struct sandboxes_view *sandbox, const struct err *err)
{
	reply_power(arg, sandbox, "resumed", err == NULL &&
	    !sandbox0_is_paused(&sandbox->info), err);
}

void
sandbox0_resume(struct exchange *exchange)
{
	sandboxes_power(exchange_who(exchange), id_of(exchange),
	    SANDBOXES_RUNNING, on_resumed, exchange);
}
