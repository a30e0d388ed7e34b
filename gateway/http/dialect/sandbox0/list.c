// SPDX-License-Identifier: Apache-2.0
/* GET /api/v1/sandboxes: those that a query asks for, by their ids. */
#include <errno.h>
#include <string.h>

#include "common/parse.h"
#include "gateway/http/dialect/sandbox0/sandbox0.h"
#include "gateway/http/dialect/states.h"

#define LIMIT_DEFAULT 50
#define LIMIT_MAX     200

/* Whether they are to be paused. */
enum pausing { PAUSING_ANY, PAUSING_NO, PAUSING_YES };

struct listing {
	struct exchange *exchange;
	const char *status, *template_name;
	char room[ALIAS_SIZE];
	enum pausing pausing;
	uint64_t limit, offset, n_found;
	json_t *list; /* owned */
};

static void
on_gone(void *arg)
{
	const struct listing *listing = arg;

	json_decref(listing->list);
}

static int
read_number(const char *name, const char *text, uint64_t min, uint64_t max,
    uint64_t *number, struct err *err)
{
	if (*text != '\0' &&
	    (parse_u64(text, number) < 0 || *number < min || *number > max))
		return err_set(err, EINVAL,
		    "%s: must be a number from %llu to %llu", name,
		    (unsigned long long)min, (unsigned long long)max);
	return 0;
}

static int
read_query(struct listing *listing, struct err *err)
{
	const struct exchange *exchange = listing->exchange;
	const char *paused = exchange_query(exchange, "paused");
	int r;

	listing->limit = LIMIT_DEFAULT;
	listing->status = exchange_query(exchange, "status");
	listing->template_name = sandbox0_template(
	    exchange, exchange_query(exchange, "template_id"), listing->room);
	if (*listing->status != '\0' &&
	    !state_word_is_known(STATE_WORDS_SANDBOX0, listing->status))
		return err_set(err, EINVAL,
		    "status: must be one of starting, "
		    "running, paused, failed, completed, terminating, "
		    "cleaned");
	if (strcmp(paused, "true") == 0)
		listing->pausing = PAUSING_YES;
	else if (strcmp(paused, "false") == 0)
		listing->pausing = PAUSING_NO;
	else if (*paused != '\0')
		return err_set(err, EINVAL, "paused: must be true or false");
	r = read_number("limit", exchange_query(exchange, "limit"), 1,
	    LIMIT_MAX, &listing->limit, err);
	return r < 0 ? r
		     : read_number("offset", exchange_query(exchange, "offset"),
			   0, UINT32_MAX, &listing->offset, err);
}

/* Being paused is told in the status, and was beside it once: who asks for
 * both means the latter. */
static bool
has_status(const struct listing *listing, const struct rpc_sandbox_info *info)
{
	return *listing->status == '\0' ||
	       strcmp(listing->status, sandbox0_status(info)) == 0 ||
	       (listing->pausing == PAUSING_YES && sandbox0_is_paused(info) &&
		   strcmp(listing->status, "running") == 0);
}

static bool
is_wanted(const struct listing *listing, const struct rpc_sandbox_info *info)
{
	return has_status(listing, info) &&
	       (*listing->template_name == '\0' ||
		   strcmp(listing->template_name, info->template_name) == 0) &&
	       (listing->pausing == PAUSING_ANY ||
		   sandbox0_is_paused(info) ==
		       (listing->pausing == PAUSING_YES));
}

/* All are counted, and those of the page are told. */
static int
add(void *arg, const struct sandboxes_view *sandbox)
{
	struct listing *listing = arg;
	uint64_t place;

	if (!is_wanted(listing, &sandbox->info))
		return 0;
	place = listing->n_found++;
	if (place < listing->offset ||
	    place - listing->offset >= listing->limit)
		return 0;
	return json_array_append_new(listing->list,
		   sandbox0_summary(listing->exchange, sandbox)) < 0
		   ? -ENOMEM
		   : 0;
}

static void
on_listed(void *arg, const struct err *err)
{
	const struct listing *listing = arg;

	if (err != NULL)
		exchange_fail_err(listing->exchange, err);
	else
		sandbox0_reply(listing->exchange, 200,
		    json_pack("{s:O, s:I, s:b}", "sandboxes", listing->list,
			"count", (json_int_t)listing->n_found, "has_more",
			listing->n_found > listing->offset + listing->limit));
}

void
sandbox0_list(struct exchange *exchange)
{
	struct listing *listing = exchange_memory(exchange, sizeof *listing);
	struct exchange_stream stream = {.gone = on_gone, .arg = listing};
	struct err err = {ENOMEM, "out of memory"};

	if (listing == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	listing->exchange = exchange;
	if (read_query(listing, &err) < 0) {
		exchange_fail_err(exchange, &err);
		return;
	}
	listing->list = json_array();
	exchange_set_stream(exchange, &stream);
	sandboxes_list(exchange_who(exchange),
	    strcmp(listing->status, "completed") == 0, "", add, on_listed,
	    listing);
}
