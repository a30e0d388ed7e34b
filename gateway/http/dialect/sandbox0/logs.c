// SPDX-License-Identifier: Apache-2.0
/* GET .../logs: what its processes wrote, as text. */
#include <string.h>

#include "common/clock.h"
#include "common/parse.h"
#include "gateway/http/dialect/native/logs.h"
#include "gateway/http/dialect/sandbox0/sandbox0.h"

#define CONTAINER     "procd" /* the only one there is, by its word for it */
#define TAIL_DEFAULT  200
#define TAIL_MAX      5000
#define LIMIT_DEFAULT (1u << 20)
#define LIMIT_MAX     (8u << 20)
#define SINCE_MAX_S   315360000

/* ?name=, from 0 to max, or what it is where it is left out. */
static int
read_number(const struct exchange *exchange, const char *name, uint64_t max,
    uint64_t *number, struct failure *failure)
{
	const char *text = exchange_query(exchange, name);

	if (*text == '\0' || (parse_u64(text, number) == 0 &&
	    *number <= max))
		return 0;
	return failure_of_field(failure, name,
	    "must be a number from 0 to %llu", (unsigned long long)max);
}

static int
read_boolean(const struct exchange *exchange, const char *name, bool *ret,
    struct failure *failure)
{
	const char *text = exchange_query(exchange, name);

	*ret = strcmp(text, "true") == 0;
	if (*ret || *text == '\0' || strcmp(text, "false") == 0)
		return 0;
	return failure_of_field(failure, name, "must be true or false");
}

static int
read_wish(const struct exchange *exchange, logs_wish *wish,
    struct logs_form *form, struct failure *failure)
{
	const char *container = exchange_query(exchange, "container");
	const uint64_t now_ms = clock_unix_ms();
	uint64_t since_s = 0;
	int r;

	if (*container != '\0' && strcmp(container, CONTAINER) != 0)
		return failure_of_field(failure, "container",
		    "must be " CONTAINER ": there is no other");
	if ((r = read_boolean(exchange, "follow", &wish->is_followed,
	    failure)) < 0 || (r = read_boolean(exchange, "previous",
	    &wish->is_previous, failure)) < 0 || (r = read_boolean(exchange,
	    "timestamps", &form->has_times, failure)) < 0)
		return r;
	wish->tail_lines = TAIL_DEFAULT;
	wish->limit_bytes = wish->is_followed ? UINT64_MAX : LIMIT_DEFAULT;
	if ((r = read_number(exchange, "tail_lines", TAIL_MAX,
	    &wish->tail_lines, failure)) < 0 || (r = read_number(exchange,
	    "limit_bytes", LIMIT_MAX, &wish->limit_bytes, failure)) < 0 ||
	    (r = read_number(exchange, "since_seconds", SINCE_MAX_S,
	    &since_s, failure)) < 0)
		return r;
	if (since_s > 0)
		wish->since_ms = now_ms - since_s * 1000;
	if (wish->is_previous && wish->is_followed)
		return failure_of_field(failure, "follow", "must not be with "
		    "previous: nothing is added to what was before");
	return 0;
}

void
sandbox0_read_logs(struct exchange *exchange)
{
	const char *id = exchange_param(exchange, "id");
	logs_wish wish = {.id = id};
	struct logs_form form = {.is_text = true};
	char pod[SANDBOX_ID_SIZE] = "";
	struct failure failure;

	if (read_wish(exchange, &wish, &form, &failure) < 0) {
		exchange_fail(exchange, &failure);
		return;
	}
	if (sandbox_id_is_valid(id))
		sandbox_id_spell(id, pod);
	exchange_add_header(exchange, "X-Sandbox-ID", "%s", id);
	exchange_add_header(exchange, "X-Sandbox-Pod-Name", "%s", pod);
	exchange_add_header(exchange, "X-Sandbox-Log-Container", CONTAINER);
	exchange_add_header(exchange, "X-Sandbox-Log-Previous", "%s",
	    wish.is_previous ? "true" : "false");
	logs_answer(exchange, &wish, form);
}
