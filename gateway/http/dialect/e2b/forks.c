// SPDX-License-Identifier: Apache-2.0
/* POST /sandboxes/{id}/fork: copies of a disk, each made or not by itself. */
#include <errno.h>
#include <string.h>

#include "gateway/http/dialect/e2b/e2b.h"
#include "gateway/http/dialect/native/time_wish.h"
#include "gateway/http/service/access.h"

#define FORKS_MAX 64

struct wish {
	uint32_t count;
	uint64_t timeout_s;
};
static const struct field wish_fields[] = {
    {"count", FIELD_U32, offsetof(struct wish, count), 1, FORKS_MAX,
	"how many; 1 where left out"},
    {"timeout", FIELD_SECONDS, offsetof(struct wish, timeout_s), 0,
	TIME_WISH_MAX, "seconds until each ends"},
};
FIELD_TABLE(e2b_fork_wish, struct wish, wish_fields);

struct forks {
	struct exchange *exchange;
	uint32_t n_left;
	json_t *list; /* owned */
	json_t *made; /* the one under way; owned */
	bool is_running, is_again;
};

static void
on_gone(void *arg)
{
	struct forks *forks = arg;

	json_decref(forks->list);
	json_decref(forks->made);
}

static void
ask_next(struct forks *forks);

static void
end_one(struct forks *forks, json_t *entry)
{
	(void)json_array_append_new(forks->list, entry);
	ask_next(forks);
}

static void
fail_one(struct forks *forks, const struct err *err)
{
	struct failure failure;

	failure_from_err(&failure, err);
	end_one(forks, json_pack("{s:{s:I, s:s}}", "error", "code",
	    (json_int_t)failure.status, "message", failure.message));
}

static void
on_secret(void *arg, const char *secret, const struct err *err)
{
	struct forks *forks = arg;
	json_t *made = forks->made;

	(void)err; /* it is told of without one */
	forks->made = NULL;
	if (secret != NULL) {
		(void)json_object_set_new(made, "envdAccessToken",
		    json_string(secret));
		(void)json_object_set_new(made, "trafficAccessToken",
		    json_string(secret));
	}
	end_one(forks, json_pack("{s:o}", "sandbox", made));
}

static void
on_timed(void *arg, const struct sandboxes_view *sandbox,
    const struct err *err)
{
	struct forks *forks = arg;

	if (err != NULL) {
		fail_one(forks, err);
		return;
	}
	json_decref(forks->made);
	forks->made = e2b_sandbox(sandbox);
	access_find(exchange_who(forks->exchange), sandbox->info.id, on_secret,
	    forks);
}

static void
on_forked(void *arg, const struct sandboxes_view *sandbox,
    const struct err *err)
{
	struct forks *forks = arg;
	const struct wish *wish = exchange_input(forks->exchange);

	if (err != NULL || wish->timeout_s == 0)
		on_timed(forks, sandbox, err);
	else
		sandboxes_refresh(exchange_who(forks->exchange),
		    sandbox->info.id, wish->timeout_s == FIELD_NEVER ?
		    RPC_NEVER : wish->timeout_s, on_timed, forks);
}

/* An answer may come before the asking returns: then the loop goes on. */
static void
ask_next(struct forks *forks)
{
	struct exchange *exchange = forks->exchange;
	const struct rpc_sandbox_fork_req wish = {.id =
	    exchange_param(exchange, "id")};

	forks->is_again = true;
	if (forks->is_running)
		return;
	forks->is_running = true;
	while (forks->is_again && forks->n_left > 0) {
		forks->is_again = false;
		forks->n_left--;
		sandboxes_fork(exchange_who(exchange), &wish, on_forked,
		    forks);
	}
	forks->is_running = false;
	if (forks->is_again)
		exchange_reply(exchange, 201, json_incref(forks->list));
}

/* That there is such a sandbox is known first. */
static void
on_looked(void *arg, const struct sandboxes_view *sandbox,
    const struct err *err)
{
	struct forks *forks = arg;
	struct err gone = {0};

	if (err == NULL && !e2b_is_told(&sandbox->info))
		err_set(&gone, ENOENT, "%s: no such sandbox",
		    sandbox->info.id);
	if (err != NULL || gone.code != 0)
		exchange_fail_err(forks->exchange, err != NULL ? err : &gone);
	else
		ask_next(forks);
}

void
e2b_fork_sandbox(struct exchange *exchange)
{
	const struct wish *wish = exchange_input(exchange);
	struct forks *forks = exchange_memory(exchange, sizeof *forks);
	const struct exchange_stream stream = {.gone = on_gone, .arg = forks};
	const struct err err = {ENOMEM, "out of memory"};

	if (forks == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	forks->exchange = exchange;
	forks->n_left = wish->count != 0 ? wish->count : 1;
	forks->list = json_array();
	exchange_set_stream(exchange, &stream);
	sandboxes_get(exchange_who(exchange), exchange_param(exchange, "id"),
	    on_looked, forks);
}
