// SPDX-License-Identifier: Apache-2.0
/* The context of a name, made where there is none; Python in it. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "gateway/http/dialect/native/context.h"
#include "gateway/http/runner/runner.h"

#define TIMEOUT_MAX_MS ((uint64_t)24 * 3600 * 1000)

struct hand {
	struct exchange *exchange;
	struct context_open_wish wish;
	context_ready *ready;
};

static void
on_found(void *arg, const struct rpc_process_info *process,
    const struct context_name *name, const struct err *err)
{
	const struct hand hand = *(struct hand *)arg; /* the exchange's */
	struct failure failure;

	if (err != NULL && err->code != ESRCH) {
		exchange_fail_err(hand.exchange, err);
	} else if (err != NULL || process->ended_ms != 0) {
		context_open(hand.exchange, &hand.wish, hand.ready);
	} else if (name->runner != hand.wish.name.runner) {
		failure_of_field(&failure, "context", "is one of %s",
		    name->runner->language);
		exchange_fail(hand.exchange, &failure);
	} else {
		hand.ready(hand.exchange, process, name);
	}
}

void
context_at_hand(struct exchange *exchange, const struct context_open_wish *wish,
    const char *name, context_ready *ready)
{
	struct hand *hand = exchange_memory(exchange, sizeof *hand);
	const struct err err = {ENOMEM, "out of memory"};
	struct failure failure;

	if (hand == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	if (strlen(name) >= CONTEXT_NAME_SIZE) {
		failure_of_field(&failure, "context", "at most %d bytes",
		    CONTEXT_NAME_SIZE - 1);
		exchange_fail(exchange, &failure);
		return;
	}
	*hand = (struct hand){exchange, *wish, ready};
	snprintf(hand->wish.name.name, sizeof hand->wish.name.name, "%s%s",
	    *name != '\0' ? "" : "default-",
	    *name != '\0' ? name : wish->name.runner->language);
	contexts_find(exchange_who(exchange), exchange_param(exchange, "id"),
	    hand->wish.name.name, on_found, hand);
}

struct wish {
	const char *code, *context;
	uint64_t timeout_ms;
	uint32_t streams;
};
#define WISH(field) offsetof(struct wish, field)
static const struct field wish_fields[] = {
    {"code", FIELD_TEXT, WISH(code), 0, CONTEXT_CODE_MAX, "what to run",
	"Python"},
    {"context", FIELD_NAME, WISH(context), 1, CONTEXT_NAME_SIZE - 1,
	"which keeps its state, made where there is none; left out: one for "
	"all who name none"},
    {"timeout_ms", FIELD_U64, WISH(timeout_ms), 0, TIMEOUT_MAX_MS,
	"after which it is interrupted; left out or 0: never"},
    {"stream", FIELD_BOOLEAN, WISH(streams), .text =
	"whether it is told as it comes"},
};
FIELD_TABLE(native_run_python_wish, struct wish, wish_fields);

static void
on_ready(struct exchange *exchange, const struct rpc_process_info *process,
    const struct context_name *name)
{
	const struct wish *wish = exchange_input(exchange);

	(void)process;
	context_run(exchange, &(struct context_run_wish){
	    .context = name->name, .code = wish->code,
	    .timeout_ms = wish->timeout_ms,
	    .is_stream = wish->streams == FIELD_TRUE});
}

void
native_run_python(struct exchange *exchange)
{
	const struct wish *wish = exchange_input(exchange);

	context_at_hand(exchange, &(struct context_open_wish){.cwd = "",
	    .user = "", .name.runner = runner_find("python")}, wish->context,
	    on_ready);
}
