// SPDX-License-Identifier: Apache-2.0
/* What processes of a sandbox wrote, a line an entry. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/parse.h"
#include "gateway/http/back/identity.h"
#include "gateway/http/dialect/native/text.h"
#include "gateway/http/dialect/sandbox0/observability.h"
#include "gateway/http/service/contexts.h"
#include "gateway/http/service/logs.h"

#define CURSOR_SIZE 48
#define IDLE_LOOKS  75 /* without news, before a heartbeat */

enum { STREAM_ANY, STREAM_STDOUT, STREAM_STDERR, STREAM_PTY };
static const char *const streams[] = {"", "stdout", "stderr", "pty", NULL};

struct reading {
	struct exchange *exchange;
	struct sandbox0_range range;
	struct logs *logs;
	logs_wish wish;
	size_t stream;
	const char *context; /* "" = any */
	uint32_t process;    /* of that; 0 = any */
	/* Of a page. */
	json_t *entries; /* owned */
	/* Of a watch. */
	struct sandbox0_lines lines;
	struct logs_place last; /* of what was told */
	bool is_news;		/* since a place was told */
	unsigned n_idle;
};

static void
print_place(const struct logs_place *place, char ret[CURSOR_SIZE])
{
	snprintf(ret, CURSOR_SIZE, "%" PRIu64 ".%" PRIu32 ".%" PRIu32,
	    place->sequence, place->offset, place->used);
}

/* Three numbers with points between; false: it is none. */
static bool
read_place(const char *text, struct logs_place *ret)
{
	char copy[CURSOR_SIZE], *rest = copy;
	uint64_t numbers[3];

	if (snprintf(copy, sizeof copy, "%s", text) >= (int)sizeof copy)
		return false;
	for (int i = 0; i < 3; i++) {
		const char *one = strsep(&rest, ".");

		if (one == NULL || parse_u64(one, &numbers[i]) < 0)
			return false;
	}
	if (rest != NULL || numbers[0] == 0 || numbers[1] > UINT32_MAX ||
	    numbers[2] > UINT32_MAX)
		return false;
	*ret = (struct logs_place){numbers[0], (uint32_t)numbers[1],
	    (uint32_t)numbers[2]};
	return true;
}

static bool
is_wanted(const struct reading *reading, const struct logs_piece *piece)
{
	const bool is_error = piece->stream == OUTPUT_STDERR;

	if (piece->stream == OUTPUT_STARTED ||
	    piece->at_ms > reading->range.to_ms ||
	    (reading->process != 0 && piece->process != reading->process))
		return false;
	/* A terminal's is not told from other output. */
	return reading->stream == STREAM_ANY ||
	    (reading->stream == STREAM_STDERR) == is_error;
}

static json_t *
print(const struct reading *reading, const struct logs_piece *piece)
{
	char cursor[CURSOR_SIZE], process[24];

	print_place(&piece->place, cursor);
	snprintf(process, sizeof process, "%" PRIu32 ".%" PRIu32, piece->life,
	    piece->process);
	return json_pack("{s:s, s:s, s:s, s:s, s:s*, s:s, s:o, s:o, s:s, s:o, "
	    "s:s, s:{s:b}}", "team_id",
	    identity_org(exchange_who(reading->exchange)), "sandbox_id",
	    exchange_param(reading->exchange, "id"), "region_id", "local",
	    "cluster_id", "sandgate", "context_id",
	    *reading->context != '\0' ? reading->context : NULL, "process_id",
	    process, "occurred_at", sandbox0_time(piece->at_ms),
	    "ingested_at", sandbox0_time(piece->at_ms), "stream",
	    piece->stream == OUTPUT_STDERR ? "stderr" : "stdout", "message",
	    text_json(piece->data, piece->size), "cursor", cursor,
	    "attributes", "partial", (int)!piece->ends);
}

/* -- a page */

static void
reply_page(struct reading *reading)
{
	char last[CURSOR_SIZE];
	struct logs_piece piece;
	bool has_more = false;

	while (!has_more && logs_next(reading->logs, &piece) > 0) {
		if (!is_wanted(reading, &piece))
			continue;
		has_more = json_array_size(reading->entries) ==
		    reading->range.limit;
		if (has_more)
			break;
		(void)json_array_append_new(reading->entries,
		    print(reading, &piece));
		reading->last = piece.place;
	}
	print_place(&reading->last, last);
	sandbox0_reply(reading->exchange, 200, json_pack("{s:O, s:s*, s:s*}",
	    "logs", reading->entries, "next_cursor", has_more ? last : NULL,
	    "watermark", reading->last.sequence != 0 ? last : NULL));
}

/* -- as it comes */

/* What there is by now, while there is room; as logs_next. */
static int
take(struct reading *reading, size_t room)
{
	char cursor[CURSOR_SIZE];
	struct logs_piece piece;
	int r = 1;

	while (outbox_size(&reading->lines.out) < room &&
	    (r = logs_next(reading->logs, &piece)) > 0) {
		if (!is_wanted(reading, &piece))
			continue;
		sandbox0_add_line(&reading->lines, "log", print(reading,
		    &piece), NULL);
		reading->last = piece.place;
		reading->is_news = true;
	}
	if (!reading->is_news || r > 0)
		return r;
	print_place(&reading->last, cursor);
	sandbox0_add_line(&reading->lines, "watermark", NULL, cursor);
	reading->is_news = false;
	reading->n_idle = 0;
	return r;
}

static ssize_t
give(void *arg, void *data, size_t size)
{
	struct reading *reading = arg;
	const int r = take(reading, size);
	size_t n;

	if (reading->lines.failed < 0)
		return reading->lines.failed;
	n = outbox_take(&reading->lines.out, data, size);
	return n > 0 ? (ssize_t)n : r == -ENODATA ? r : 0;
}

static void
on_more(void *arg)
{
	struct reading *reading = arg;

	if (reading->entries != NULL)
		return;
	if (++reading->n_idle >= IDLE_LOOKS) {
		reading->n_idle = 0;
		sandbox0_add_line(&reading->lines, "heartbeat", NULL, NULL);
	}
	exchange_proceed(reading->exchange);
}

static void
on_opened(void *arg, const struct err *err)
{
	struct reading *reading = arg;

	if (err != NULL)
		exchange_fail_err(reading->exchange, err);
	else if (reading->entries != NULL)
		reply_page(reading);
	else
		exchange_reply_stream(reading->exchange, 200,
		    "application/x-ndjson", REPLY_UNKNOWN);
}

static void
on_gone(void *arg)
{
	struct reading *reading = arg;

	logs_close(reading->logs);
	outbox_fini(&reading->lines.out);
	json_decref(reading->entries);
}

static void
open_logs(struct reading *reading)
{
	const struct logs_client client = {on_opened, on_more, reading};
	struct err err;

	if (logs_open(exchange_who(reading->exchange), &reading->wish,
	    &client, &reading->logs, &err) < 0)
		exchange_fail_err(reading->exchange, &err);
}

static void
on_found(void *arg, const struct rpc_process_info *process,
    const struct context_name *name, const struct err *err)
{
	struct reading *reading = arg;

	(void)name;
	if (err != NULL) {
		exchange_fail_err(reading->exchange, err);
		return;
	}
	reading->process = process->id;
	open_logs(reading);
}

static int
read_wish(struct reading *reading, struct failure *failure)
{
	const char *stream = exchange_query(reading->exchange, "stream");
	const struct sandbox0_range *range = &reading->range;
	logs_wish *wish = &reading->wish;

	if (sandbox0_read_range(reading->exchange, &reading->range,
	    failure) < 0)
		return -EINVAL;
	while (streams[reading->stream] != NULL &&
	    strcmp(streams[reading->stream], stream) != 0)
		reading->stream++;
	if (streams[reading->stream] == NULL)
		return failure_of_field(failure, "stream",
		    "must be stdout, stderr or pty");
	*wish = (logs_wish){.id = exchange_param(reading->exchange, "id"),
	    .tail_lines = UINT64_MAX, .limit_bytes = UINT64_MAX,
	    .since_ms = range->from_ms, .is_followed = range->is_watched};
	reading->context = exchange_query(reading->exchange, "context_id");
	/* Numbers of processes are of one life. */
	wish->is_whole = *reading->context == '\0';
	if (*range->cursor != '\0' && !read_place(range->cursor,
	    &wish->after))
		return failure_of_field(failure, "cursor",
		    "must be one that was told before");
	if (range->is_watched && *range->cursor == '\0' &&
	    range->from_ms == 0)
		wish->tail_lines = 0;
	return 0;
}

void
sandbox0_list_observed_logs(struct exchange *exchange)
{
	struct reading *reading = exchange_memory(exchange, sizeof *reading);
	const struct exchange_stream stream = {.give = give, .gone = on_gone,
	    .arg = reading};
	const struct err err = {ENOMEM, "out of memory"};
	struct failure failure;

	if (reading == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	reading->exchange = exchange;
	if (read_wish(reading, &failure) < 0) {
		exchange_fail(exchange, &failure);
		return;
	}
	reading->entries = reading->range.is_watched ? NULL : json_array();
	exchange_set_stream(exchange, &stream);
	if (*reading->context == '\0')
		open_logs(reading);
	else
		contexts_find_any(exchange_who(exchange), exchange_param(
		    exchange, "id"), reading->context, on_found, reading);
}
