// SPDX-License-Identifier: Apache-2.0
/* What a session reads, and what it has written, as events. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "gateway/http/dialect/native/lines.h"
#include "gateway/http/dialect/native/process.h"
#include "gateway/http/dialect/sandbox0/sessions.h"
#include "gateway/http/service/processes.h"

#define INPUT_ID_SIZE	128
#define INPUT_TEXT_MAX	(384 * 1024) /* of base64 */
#define EVENTS_DEFAULT	100
#define EVENTS_MAX	1000
#define EVENTS_BYTES	((size_t)1 << 20) /* of one page */
#define BASE64_SIZE                                                            \
	sodium_base64_ENCODED_LEN(EXEC_OUTPUT_MAX,                             \
	    sodium_base64_VARIANT_ORIGINAL)

struct input_wish {
	const char *input_id, *attempt_id, *data;
	uint32_t is_end;
};
#define WISH(field) offsetof(struct input_wish, field)
static const struct field input_fields[] = {
    {"input_id", FIELD_STRING, WISH(input_id), 1, INPUT_ID_SIZE - 1,
	"yours, told back", "a name of yours"},
    {"expected_attempt_id", FIELD_STRING, WISH(attempt_id), 0, 63,
	"which it is for; another is a conflict"},
    {"data_base64", FIELD_STRING, WISH(data), 0, INPUT_TEXT_MAX,
	"what it reads"},
    {"eof", FIELD_BOOLEAN, WISH(is_end), .text =
	"whether that is all it reads"},
};
FIELD_TABLE(sandbox0_session_input_wish, struct input_wish, input_fields);

static void
find(struct exchange *exchange, contexts_found *found, void *arg)
{
	contexts_find_any(exchange_who(exchange),
	    exchange_param(exchange, "id"), exchange_param(exchange, "ctx"),
	    found, arg);
}

/* -- input */

struct giving {
	struct exchange *exchange;
	struct exec *exec;
	struct rpc_process_view_req view;
	uint8_t *data; /* owned */
	size_t size, used;
};

static void
on_gone(void *arg)
{
	struct giving *giving = arg;

	exec_close(giving->exec);
	free(giving->data);
}

static void
on_closed(void *arg, const struct err *err)
{
	const struct giving *giving = arg;
	const struct input_wish *wish = exchange_input(giving->exchange);

	if (err != NULL)
		exchange_fail_err(giving->exchange, err);
	else
		sandbox0_reply(giving->exchange, 202, json_pack(
		    "{s:s, s:o, s:b, s:b}", "input_id", wish->input_id,
		    "attempt_id", json_sprintf("%u", giving->view.id),
		    "accepted", 1, "duplicate", 0));
}

static void
end_input(struct giving *giving)
{
	const struct input_wish *wish = exchange_input(giving->exchange);
	struct exchange *exchange = giving->exchange;

	if (wish->is_end == FIELD_TRUE)
		processes_close_input(exchange_who(exchange),
		    exchange_param(exchange, "id"), giving->view.id,
		    on_closed, giving);
	else
		on_closed(giving, NULL);
}

static void
give(struct giving *giving)
{
	giving->used += exec_input(giving->exec, giving->data + giving->used,
	    giving->size - giving->used);
}

static void
on_viewed(void *arg, const struct rpc_process_info *process)
{
	(void)process;
	give(arg);
}

static void
on_room(void *arg)
{
	give(arg);
}

static void
refuse(struct exchange *exchange, const char *words)
{
	struct failure failure;

	failure_set(&failure, 409, "conflict", NULL, "session %s: %s",
	    exchange_param(exchange, "ctx"), words);
	exchange_fail(exchange, &failure);
}

static void
on_taken(void *arg, uint64_t n_bytes, bool is_refused)
{
	struct giving *giving = arg;

	if (is_refused)
		refuse(giving->exchange, "nobody reads its input any more");
	else if (n_bytes == giving->size)
		end_input(giving);
}

static void
on_ended(void *arg, const struct exec_exit *exit, const struct err *err)
{
	const struct giving *giving = arg;

	if (exit != NULL)
		refuse(giving->exchange, "it has ended");
	else
		exchange_fail_err(giving->exchange, err);
}

static int
read_data(struct giving *giving, const char *text, struct failure *failure)
{
	const size_t size = text != NULL ? strlen(text) : 0;

	giving->data = malloc(size + 1);
	if (giving->data == NULL)
		return failure_set(failure, 503, "out_of_resources", NULL,
		    "out of memory");
	if (size > 0 && sodium_base642bin(giving->data, size, text, size, NULL,
	    &giving->size, NULL, sodium_base64_VARIANT_ORIGINAL) < 0)
		return failure_of_field(failure, "data_base64",
		    "is not base64");
	return 0;
}

static void
on_found_to_give(void *arg, const struct rpc_process_info *process,
    const struct context_name *name, const struct err *failure)
{
	struct giving *giving = arg;
	struct exchange *exchange = giving->exchange;
	const struct input_wish *wish = exchange_input(exchange);
	const struct exec_client client = {.viewed = on_viewed,
	    .room = on_room, .taken = on_taken, .ended = on_ended,
	    .arg = giving};
	char attempt[16];
	struct err err;

	if (failure != NULL) {
		exchange_fail_err(exchange, failure);
		return;
	}
	snprintf(attempt, sizeof attempt, "%u", process->id);
	giving->view = (struct rpc_process_view_req){process->id, UINT64_MAX,
	    INIT_ATTACH_QUIET, 0};
	if (name->runner != NULL)
		refuse(exchange, "it is a context of a language");
	else if (wish->attempt_id != NULL && *wish->attempt_id != '\0' &&
	    strcmp(wish->attempt_id, attempt) != 0)
		refuse(exchange, "it is at another attempt");
	else if (giving->size == 0)
		end_input(giving);
	else if (exec_view(exchange_who(exchange), exchange_param(exchange,
	    "id"), &giving->view, &client, &giving->exec, &err) < 0)
		exchange_fail_err(exchange, &err);
}

void
sandbox0_write_session(struct exchange *exchange)
{
	const struct input_wish *wish = exchange_input(exchange);
	struct giving *giving = exchange_memory(exchange, sizeof *giving);
	const struct exchange_stream stream = {.gone = on_gone,
	    .arg = giving};
	const struct err err = {ENOMEM, "out of memory"};
	struct failure failure;

	if (giving == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	giving->exchange = exchange;
	exchange_set_stream(exchange, &stream);
	if (read_data(giving, wish->data, &failure) < 0)
		exchange_fail(exchange, &failure);
	else
		find(exchange, on_found_to_give, giving);
}

/* -- events: what was written, by where it ends in the journal, and the end */

struct paging {
	struct exchange *exchange;
	struct exec *exec;
	struct rpc_process_view_req view;
	struct rpc_process_info process; /* its numbers alone are good */
	uint64_t limit;
	size_t n_bytes;
	bool is_full;
	json_t *list; /* owned */
};

static void
on_page_gone(void *arg)
{
	struct paging *paging = arg;

	exec_close(paging->exec);
	json_decref(paging->list);
}

json_t *
sandbox0_session_event(const struct exchange *exchange,
    const struct rpc_process_info *process, uint32_t attempt, uint64_t seq,
    json_t *more)
{
	json_t *event = json_pack("{s:I, s:s, s:i, s:o, s:o}", "seq",
	    (json_int_t)seq, "session_id", exchange_param(exchange, "ctx"),
	    "runtime_generation", 1, "attempt_id", json_sprintf("%u", attempt),
	    "occurred_at", sandbox0_time(process->ended_ms != 0 ?
	    process->ended_ms : process->started_ms));

	if (event != NULL && more != NULL)
		(void)json_object_update(event, more);
	json_decref(more);
	return event;
}

json_t *
sandbox0_session_output(const struct rpc_process_info *process,
    bool is_error, const void *data, size_t size)
{
	not_cleared char text[BASE64_SIZE];

	sodium_bin2base64(text, sizeof text, data, size,
	    sodium_base64_VARIANT_ORIGINAL);
	return json_pack("{s:s, s:s, s:s}", "type", "output", "stream",
	    process->has_tty != 0 ? "pty" : is_error ? "stderr" : "stdout",
	    "data_base64", text);
}

/* Takes over what is beside its place. */
static void
add(struct paging *paging, uint64_t seq, json_t *more)
{
	(void)json_array_append_new(paging->list, sandbox0_session_event(
	    paging->exchange, &paging->process, paging->view.id, seq, more));
	paging->is_full = json_array_size(paging->list) >= paging->limit ||
	    paging->n_bytes >= EVENTS_BYTES;
}

static void
on_output(void *arg, bool is_error, const void *data, size_t size,
    uint64_t position)
{
	struct paging *paging = arg;

	if (paging->is_full)
		return;
	paging->n_bytes += size;
	add(paging, position + size, sandbox0_session_output(
	    &paging->process, is_error, data, size));
}

static void
on_lost(void *arg, uint64_t n_bytes)
{
	(void)arg;
	(void)n_bytes;
}

static void
reply_page(struct paging *paging)
{
	sandbox0_reply(paging->exchange, 200, json_pack("{s:O, s:{s:I, s:I}}",
	    "events", paging->list, "cursor", "earliest",
	    (json_int_t)paging->process.start_position, "latest",
	    (json_int_t)paging->process.end_position +
	    (paging->process.ended_ms != 0)));
}

static void
on_stopped(void *arg, uint64_t position)
{
	(void)position;
	reply_page(arg);
}

static void
on_page_end(void *arg, const struct exec_exit *exit, const struct err *err)
{
	struct paging *paging = arg;
	const uint64_t last = paging->process.end_position + 1;

	if (exit == NULL) {
		exchange_fail_err(paging->exchange, err);
		return;
	}
	if (!paging->is_full && paging->view.position < last)
		add(paging, last, json_pack("{s:s, s:i, s:s}", "type",
		    "exited", "exit_code", (int)lines_exit_code(exit),
		    "reason", exit->is_signal ? "signal" : "exit"));
	reply_page(paging);
}

static void
on_page_viewed(void *arg, const struct rpc_process_info *process)
{
	struct paging *paging = arg;

	paging->process = *process;
}

static void
on_found_to_page(void *arg, const struct rpc_process_info *process,
    const struct context_name *name, const struct err *failure)
{
	struct paging *paging = arg;
	struct exchange *exchange = paging->exchange;
	const struct exec_client client = {.viewed = on_page_viewed,
	    .output = on_output, .lost = on_lost, .stopped = on_stopped,
	    .ended = on_page_end, .arg = paging};
	struct failure gone;
	struct err err;

	(void)name;
	if (failure != NULL) {
		exchange_fail_err(exchange, failure);
		return;
	}
	if (paging->view.position > 0 &&
	    paging->view.position < process->start_position) {
		failure_set(&gone, 410, "event_cursor_expired", "after",
		    "after: the oldest that is kept is at %llu",
		    (unsigned long long)process->start_position);
		exchange_fail(exchange, &gone);
		return;
	}
	paging->view.id = process->id;
	paging->view.views = INIT_ATTACH;
	paging->view.ends_at_now = 1;
	if (exec_view(exchange_who(exchange), exchange_param(exchange, "id"),
	    &paging->view, &client, &paging->exec, &err) < 0)
		exchange_fail_err(exchange, &err);
}

void
sandbox0_list_session_events(struct exchange *exchange)
{
	struct paging *paging;
	const struct err err = {ENOMEM, "out of memory"};
	uint64_t after = 0, limit = EVENTS_DEFAULT;
	struct exchange_stream stream = {.gone = on_page_gone};

	if (!process_number(exchange, "after", INT64_MAX, &after) ||
	    !process_number(exchange, "limit", EVENTS_MAX, &limit))
		return;
	paging = exchange_memory(exchange, sizeof *paging);
	if (paging == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	paging->exchange = exchange;
	paging->view.position = after;
	paging->limit = limit > 0 ? limit : EVENTS_DEFAULT;
	paging->list = json_array();
	stream.arg = paging;
	exchange_set_stream(exchange, &stream);
	find(exchange, on_found_to_page, paging);
}
